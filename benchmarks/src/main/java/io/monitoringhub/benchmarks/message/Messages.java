package io.monitoringhub.benchmarks.message;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a benchmark sends: five types times eight sources, forty shapes that follow each other by the message's number.
 *
 * <p>Every message is unique. It ends with {@code ,"bench":1CCCCCNNNNNNNNNNNN}}} and a newline: five digits of the
 * connection, twelve digits of the message's number on that connection, which starts at 1. The leading 1 makes the
 * digits a JSON number. Because the marker stands at a fixed distance from the newline a reader finds it without
 * parsing; and because the rest of a line follows from connection and number, a reader can check every byte.
 *
 * <p>Immutable.
 */
public final class Messages {
    /** Number of shapes: message {@code n} has shape {@code n % SHAPES}. */
    public static final int SHAPES = 40;
    /** Connections are numbered below this. */
    public static final int MAX_CONNECTIONS = 100_000;

    static final MessageLayout[] LAYOUTS = layouts();
    private static final long[] BYTES_BEFORE_SHAPE = bytesBeforeShape();

    private static final int SOURCES = 8;

    private Messages() {
    }

    /** Bytes of the lines {@code first} to {@code last} (both included) of one connection. */
    public static long bytes(long first, long last) {
        return bytesBelow(last + 1) - bytesBelow(first);
    }

    /** Bytes of one line, its newline included. */
    public static int length(long number) {
        return LAYOUTS[(int) (number % SHAPES)].length();
    }

    /** The mean length of a line, its newline included. */
    public static double meanLength() {
        return (double) BYTES_BEFORE_SHAPE[SHAPES] / SHAPES;
    }

    /** One line, its newline included. */
    public static byte[] line(int connection, long number, long unixMillis) {
        MessageLayout layout = LAYOUTS[(int) (number % SHAPES)];
        ByteBuffer line = ByteBuffer.allocate(layout.length());
        layout.writeText(line, 0);
        layout.writeConnection(line, 0, connection);
        layout.writeNumber(line, 0, Digits.eight(number / Digits.TEN_THOUSAND), (int) (number % Digits.TEN_THOUSAND));
        layout.writeTime(line, 0, Digits.word(unixMillis / 100_000, 8), Digits.word(unixMillis, 8));
        return line.array();
    }

    private static long bytesBelow(long number) {
        return number / SHAPES * BYTES_BEFORE_SHAPE[SHAPES] + BYTES_BEFORE_SHAPE[(int) (number % SHAPES)];
    }

    private static long[] bytesBeforeShape() {
        long[] before = new long[SHAPES + 1];
        for (int shape = 0; shape < SHAPES; shape++) {
            before[shape + 1] = before[shape] + LAYOUTS[shape].length();
        }
        return before;
    }

    private static MessageLayout[] layouts() {
        List<MessageLayout> layouts = new ArrayList<>();
        for (int shape = 0; shape < SHAPES; shape++) {
            // 5 and 8 have no common divisor, so forty messages in a row pair every type with every source.
            layouts.add(new MessageLayout(MessageText.of(shape % 5, shape % SOURCES)));
        }
        return layouts.toArray(MessageLayout[]::new);
    }
}
