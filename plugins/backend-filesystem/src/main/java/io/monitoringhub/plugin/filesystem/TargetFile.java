package io.monitoringhub.plugin.filesystem;

import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * What is known of a file that entries go to.
 *
 * <p>Used by one thread at a time.
 */
final class TargetFile {

    static final int NO_RUN = -1;

    final FileName name;
    final Path path;
    long period;
    /** Up to here the file is what it should be. */
    long length;
    /** Where it will end when the batch in hand is written. */
    long planned;
    /** There may be bytes beyond {@link #length} that are to be cut off. */
    boolean isDirty;
    /** Written to since the last commit. */
    boolean isTouched;
    /** A crash finds its length in the last commit or in the journal. */
    boolean isCovered;
    /** Nobody appends any more. */
    boolean isEnded;
    /** Looked at before. */
    boolean isKnown;
    /** Its last byte is not the end of a line. */
    boolean endsWithinLine;
    /** What the file system calls it, to notice that it was replaced. */
    Object key;
    FileChannel channel;
    long lastEpoch;
    /** The first and the last run of the batch in hand that goes here. */
    int firstRun = NO_RUN;
    int lastRun = NO_RUN;

    TargetFile(FileName name, Path folder, long period) {
        this.name = name;
        this.path = name.in(folder);
        this.period = period;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
