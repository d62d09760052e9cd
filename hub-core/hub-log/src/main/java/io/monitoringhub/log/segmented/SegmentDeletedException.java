package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.file.Path;

/** Retention was quicker than a reader: the reader goes on at the log's start. Immutable. */
final class SegmentDeletedException extends IOException {

    private static final long serialVersionUID = 1L;

    SegmentDeletedException(Path segment) {
        super(segment + " was removed by retention");
    }
}
