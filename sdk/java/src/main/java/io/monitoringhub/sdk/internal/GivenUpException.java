package io.monitoringhub.sdk.internal;

import java.io.IOException;

/** The connection is ended from here: the hub need not know it yet. Immutable. */
final class GivenUpException extends IOException {

    private static final long serialVersionUID = 1L;

    GivenUpException(String why) {
        super(why);
    }
}
