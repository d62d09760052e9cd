package io.monitoringhub.plugin.http.body;

import java.io.IOException;

/** Takes lines of LDJSON, in pieces of any size. */
@FunctionalInterface
public interface Lines {

    /** Takes bytes; the array is the caller's again when the method returns. */
    void take(byte[] bytes, int offset, int length) throws IOException;
}
