package io.monitoringhub.ingest;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * What a session's peer sends after a welcome that has named a compression: one zlib stream. Keeps what has come and was not asked for yet,
 * inflates a piece at a time, and so never holds more than that. Not thread-safe.
 */
final class InflatingInput {

    /** The one method that every language has. */
    static final String METHOD = "zlib";
    /** What may wait here: a few reads. A transport that was told to stop sends no more. */
    private static final int MOST_WAITING = 4 << 20;

    private final Inflater inflater = new Inflater();
    private byte[] waiting = {};
    private long outBefore;
    private boolean isOpen = true;

    /** Takes all of the bytes. */
    void add(ByteBuffer received) throws DataFormatException {
        int rest = inflater.getRemaining();
        if (rest + received.remaining() > MOST_WAITING) {
            throw new DataFormatException("more came than was asked for");
        }
        byte[] input = new byte[rest + received.remaining()];
        if (rest > 0) {
            System.arraycopy(waiting, waiting.length - rest, input, 0, rest);
        }
        received.get(input, rest, received.remaining());
        waiting = input;
        inflater.setInput(input);
    }

    /**
     * Inflates what fits.
     *
     * @return how many bytes came out; 0 when more has to come in first
     * @throws DataFormatException when it is no such stream; {@link #beforeFault} tells what came out before
     */
    int inflate(byte[] out) throws DataFormatException {
        if (!isOpen) {
            return 0;
        }
        outBefore = inflater.getBytesWritten();
        int count = inflater.inflate(out);
        if (count == 0 && inflater.needsDictionary()) {
            throw new DataFormatException("it needs a dictionary");
        }
        if (count == 0 && inflater.finished() && inflater.getRemaining() > 0) {
            throw new DataFormatException("it has ended, but bytes follow");
        }
        return count;
    }

    /** How many bytes the call of {@link #inflate} gave that has failed. */
    int beforeFault() {
        return (int) (inflater.getBytesWritten() - outBefore);
    }

    /** Gives its memory back, which no garbage collector sees. Idempotent. */
    void close() {
        if (isOpen) {
            isOpen = false;
            waiting = new byte[0];
            inflater.end();
        }
    }
}
