package io.monitoringhub.benchmarks.message;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads connection and number of a line, and compares the line with what was sent.
 *
 * <p>Used by one thread at a time.
 */
public final class MessageCheck {
    /** Returned by {@link #marker} for a line that does not end as a benchmark's line does. */
    public static final long NONE = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long MARKER = ByteBuffer.wrap("\"bench\":".getBytes(StandardCharsets.US_ASCII)).getLong();
    /** Bytes from the marker's first to the end of the line: the name, eighteen digits, two braces. */
    private static final int TAIL = 8 + 18 + 2;
    private static final long NUMBERS = 1_000_000_000_000L;

    private final byte[][] lines = new byte[Messages.SHAPES][];
    private final ByteBuffer[] buffers = new ByteBuffer[Messages.SHAPES];
    private final int[] connections = new int[Messages.SHAPES];

    /** A check of its own: it keeps one copy of each shape to patch and compare. */
    public MessageCheck() {
        for (int shape = 0; shape < Messages.SHAPES; shape++) {
            lines[shape] = Messages.line(0, shape, 0);
            buffers[shape] = ByteBuffer.wrap(lines[shape]);
        }
    }

    /**
     * Finds the marker at the end of a line.
     *
     * @param end index after the line's last byte, its newline not included
     * @return the digits behind the leading 1, for {@link #connection} and {@link #number}, or {@link #NONE}
     */
    public static long marker(byte[] bytes, int start, int end) {
        int at = end - TAIL;
        if (at < start || (long) LONGS.get(bytes, at) != MARKER || bytes[at + 8] != '1' || bytes[end - 1] != '}' || bytes[end - 2] != '}') {
            return NONE;
        }
        long value = 0;
        for (int i = at + 9; i < end - 2; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return NONE;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** The connection in a marker. */
    public static int connection(long marker) {
        return (int) (marker / NUMBERS);
    }

    /** The message's number in a marker. */
    public static long number(long marker) {
        return marker % NUMBERS;
    }

    /** Whether the line is, byte by byte, the message of this marker; the times may be any. */
    public boolean isIntact(byte[] bytes, int start, int end, long marker) {
        long number = number(marker);
        int shape = (int) (number % Messages.SHAPES);
        MessageLayout layout = Messages.LAYOUTS[shape];
        if (end - start + 1 != layout.length()) {
            return false;
        }
        int connection = connection(marker);
        if (connections[shape] != connection) {
            layout.writeConnection(buffers[shape], 0, connection);
            connections[shape] = connection;
        }
        layout.writeNumber(buffers[shape], 0, Digits.eight(number / Digits.TEN_THOUSAND), (int) (number % Digits.TEN_THOUSAND));
        return layout.matches(lines[shape], bytes, start);
    }
}
