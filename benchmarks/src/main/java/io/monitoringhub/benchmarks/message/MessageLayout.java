package io.monitoringhub.benchmarks.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One of the forty shapes of a message: its text, and where the digits go that make it unique.
 *
 * <p>Written as JSON with four placeholders: {@code #CONN#} five digits of the connection, {@code #NUMBER#} twelve
 * digits of the message's number, {@code #GROUP#} the number's first eight digits (shared by 10,000 messages),
 * {@code #TIME#} thirteen digits of unix milliseconds.
 *
 * <p>Immutable.
 */
final class MessageLayout {
    private static final int TIME_DIGITS = 13;

    private final byte[] text;
    private final int[] connections;
    private final int[] numbers;
    private final int[] groups;
    private final int[] times;

    MessageLayout(String pattern) {
        List<Integer> connectionAt = new ArrayList<>();
        List<Integer> numberAt = new ArrayList<>();
        List<Integer> groupAt = new ArrayList<>();
        List<Integer> timeAt = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        String[] parts = pattern.split("#", -1);
        for (int i = 0; i < parts.length; i++) {
            // Every pattern is cut at pairs of '#': the odd parts are the placeholders' names.
            int at = line.toString().getBytes(StandardCharsets.UTF_8).length;
            switch (i % 2 == 0 ? "" : parts[i]) {
                case "CONN" -> append(line, connectionAt, at, 5);
                case "NUMBER" -> append(line, numberAt, at, 12);
                case "GROUP" -> append(line, groupAt, at, 8);
                case "TIME" -> append(line, timeAt, at, TIME_DIGITS);
                default -> line.append(parts[i]);
            }
        }
        text = line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        connections = ints(connectionAt);
        numbers = ints(numberAt);
        groups = ints(groupAt);
        times = ints(timeAt);
    }

    private static void append(StringBuilder line, List<Integer> places, int at, int digits) {
        places.add(at);
        line.append("0".repeat(digits));
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Bytes of the line, its newline included. */
    int length() {
        return text.length;
    }

    void writeText(ByteBuffer target, int at) {
        target.put(at, text);
    }

    void writeConnection(ByteBuffer target, int at, int connection) {
        for (int place : connections) {
            target.put(at + place, (byte) ('0' + connection / 10_000 % 10));
            target.putInt(at + place + 1, Digits.four(connection % 10_000));
        }
    }

    /** @param high {@link Digits#eight} of number / 10,000; @param low the number's last four digits */
    void writeNumber(ByteBuffer target, int at, long high, int low) {
        int lowDigits = Digits.four(low);
        for (int place : numbers) {
            target.putLong(at + place, high);
            target.putInt(at + place + 8, lowDigits);
        }
        for (int place : groups) {
            target.putLong(at + place, high);
        }
    }

    /** @param first the time's first eight digits; @param last its last eight: three of the thirteen are written twice */
    void writeTime(ByteBuffer target, int at, long first, long last) {
        for (int place : times) {
            target.putLong(at + place, first);
            target.putLong(at + place + TIME_DIGITS - 8, last);
        }
    }

    /** Whether {@code line} holds {@code expected} (this layout, patched), with any digits where the times stand. */
    boolean matches(byte[] expected, byte[] line, int from) {
        int start = 0;
        for (int place : times) {
            if (!same(expected, line, from, start, place) || !digits(line, from + place)) {
                return false;
            }
            start = place + TIME_DIGITS;
        }
        return same(expected, line, from, start, expected.length);
    }

    private static boolean same(byte[] expected, byte[] line, int from, int start, int end) {
        return Arrays.equals(expected, start, end, line, from + start, from + end);
    }

    private static boolean digits(byte[] line, int from) {
        boolean all = true;
        for (int i = from; i < from + TIME_DIGITS; i++) {
            all &= line[i] >= '0' & line[i] <= '9';
        }
        return all;
    }
}
