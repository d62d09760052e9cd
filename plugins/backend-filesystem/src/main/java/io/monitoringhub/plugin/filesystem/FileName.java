package io.monitoringhub.plugin.filesystem;

import java.nio.file.Path;

/**
 * A file below the folder: what the pattern makes, and a number. {@code events.jsonl} and 2 is {@code events.2.jsonl}; 0 is not written.
 *
 * <p>Immutable.
 *
 * @param stream what the pattern makes
 * @param number 0 for the first file of this stream
 */
record FileName(String stream, int number) {

    FileName next() {
        return new FileName(stream, number + 1);
    }

    /** Where it is. */
    Path in(Path folder) {
        return folder.resolve(toString());
    }

    /** Where its compressed form is. */
    Path compressedIn(Path folder) {
        return folder.resolve(this + ".gz");
    }

    @Override
    public String toString() {
        if (number == 0) {
            return stream;
        }
        int dot = stream.lastIndexOf('.');
        return stream.substring(0, dot) + "." + number + stream.substring(dot);
    }
}
