package io.monitoringhub.plugin.spool;

import java.nio.file.Path;

/**
 * A file in a spool folder. Immutable.
 *
 * @param path where it is
 * @param name what its name says
 */
record SpoolFile(Path path, SpoolName name) {

    @Override
    public String toString() {
        return path.toString();
    }
}
