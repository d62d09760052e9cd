package io.monitoringhub.correlation.merge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Where merged spans go. Each has a number, one more than the offset of the entry that completed the span; a number is stored once, however
 * often it is given, over kills of the hub too. Used by one thread at a time.
 */
public interface MergedSpans {

    /** Every span that was completed below this offset is stored, or never will be. */
    long settled();

    /** All spans that were completed below this offset are stored: no need to look there again. */
    void settle(long offset);

    /**
     * Stores spans, and returns when they are durable.
     *
     * @param first the number of the first one
     * @param runs so many with numbers that follow each other, so many numbers left out, and so on; empty for one
     * @param lines the messages, each ended by a newline
     * @return how many of them were refused
     * @throws IOException when the log could not store them: none, some or all are stored, give all of them again
     * @throws InterruptedException when the thread was wanted back; the same
     */
    long store(long first, List<Long> runs, ByteBuffer lines) throws IOException, InterruptedException;
}
