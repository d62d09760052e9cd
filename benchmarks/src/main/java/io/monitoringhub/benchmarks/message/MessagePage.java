package io.monitoringhub.benchmarks.message;

import java.nio.ByteBuffer;

/**
 * A direct buffer full of one connection's messages, ready but for their digits.
 *
 * <p>Message {@code n} always stands at place {@code n % messages()}; to send it again or for the first time only its
 * number and the time are patched, some ten stores, and nothing is formatted or copied.
 *
 * <p>Used by one thread at a time.
 */
public final class MessagePage {
    private final ByteBuffer bytes;
    private final int[] starts;
    private final int messages;

    /** @param messages wanted at least; rounded up to a multiple of {@link Messages#SHAPES} */
    public MessagePage(int connection, int messages) {
        if (connection < 0 || connection >= Messages.MAX_CONNECTIONS) {
            throw new IllegalArgumentException("connection " + connection + ": must be 0 to " + (Messages.MAX_CONNECTIONS - 1));
        }
        this.messages = (messages + Messages.SHAPES - 1) / Messages.SHAPES * Messages.SHAPES;
        starts = new int[this.messages + 1];
        for (int i = 0; i < this.messages; i++) {
            starts[i + 1] = starts[i] + layout(i).length();
        }
        bytes = ByteBuffer.allocateDirect(starts[this.messages]);
        for (int i = 0; i < this.messages; i++) {
            layout(i).writeText(bytes, starts[i]);
            layout(i).writeConnection(bytes, starts[i], connection);
        }
        bytes.limit(0);
    }

    /** Messages that fit. */
    public int messages() {
        return messages;
    }

    /**
     * Makes ready messages {@code first}, {@code first + 1}, … at most {@code limit} of them and none beyond the page's
     * end. The buffer's position and limit are set to enclose them.
     *
     * @return how many were made ready
     */
    public int fill(long first, int limit, long unixMillis) {
        int from = (int) (first % messages);
        int count = Math.min(limit, messages - from);
        long timeFirst = Digits.word(unixMillis / 100_000, 8);
        long timeLast = Digits.word(unixMillis, 8);
        long high = Digits.eight(first / Digits.TEN_THOUSAND);
        int low = (int) (first % Digits.TEN_THOUSAND);
        bytes.clear();
        for (int i = from; i < from + count; i++) {
            MessageLayout layout = layout(i);
            layout.writeNumber(bytes, starts[i], high, low);
            layout.writeTime(bytes, starts[i], timeFirst, timeLast);
            if (++low == Digits.TEN_THOUSAND) {
                low = 0;
                high = Digits.eight((first + i - from + 1) / Digits.TEN_THOUSAND);
            }
        }
        bytes.limit(starts[from + count]).position(starts[from]);
        return count;
    }

    /** What {@link #fill} made ready; writing it to a channel moves its position. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Of the messages made ready by {@code fill(first, …)}: how many lie wholly before the buffer's position. */
    public int consumed(long first) {
        int from = (int) (first % messages);
        int low = from;
        int high = messages;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (starts[middle] <= bytes.position()) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low - from;
    }

    private static MessageLayout layout(int place) {
        return Messages.LAYOUTS[place % Messages.SHAPES];
    }
}
