package io.monitoringhub.sdk.direct;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Messages that are delivered together. A message is (client, number) for ever, so that a second delivery can be known as one. Immutable; lines must
 * not be written into.
 *
 * @param source who sends
 * @param client who numbers
 * @param born when the batch was formed, in whole milliseconds; the same after it was in the spool
 * @param numbers of the messages, in their order
 * @param lines the messages, each with its newline
 */
public record Batch(String source, UUID client, Instant born, List<Long> numbers, List<byte[]> lines) {

    private static final Pattern TIME = Pattern.compile("\"ts\":([0-9]{1,15})");
    private static final int HEAD = 1_024;

    public Batch {
        if (lines.isEmpty() || numbers.size() != lines.size()) {
            throw new IllegalArgumentException(numbers.size() + " numbers for " + lines.size() + " messages: each has one, and a batch has a message");
        }
        numbers = List.copyOf(numbers);
        lines = List.copyOf(lines);
    }

    /** Lines that follow each other, numbered from {@code first} on. */
    static Batch of(String source, UUID client, Instant born, long first, List<byte[]> lines) {
        return new Batch(source, client, born, LongStream.range(first, first + lines.size()).boxed().toList(), lines);
    }

    /** The same for the same first message, in this process and in one that sends the batch later. */
    public String name() {
        return String.format(Locale.ROOT, "%013d-%s-%d", born.toEpochMilli(), client, first());
    }

    /** Names exactly these messages, also if they are a part of what was one batch. */
    public String key() {
        return client + "-" + first() + "-" + numbers.get(size() - 1) + "-" + size();
    }

    /** The number of the first message. */
    long first() {
        return numbers.get(0);
    }

    public int size() {
        return lines.size();
    }

    /** All lines, one after the other. */
    public byte[] body() {
        ByteArrayOutputStream body = new ByteArrayOutputStream((int) bytes());
        lines.forEach(body::writeBytes);
        return body.toByteArray();
    }

    /** What the message of this index is called, wherever and whenever it is sent. */
    public String identity(int index) {
        return client + "-" + numbers.get(index);
    }

    /** When the message of this index was said. */
    public Instant time(int index) {
        byte[] line = lines.get(index);
        Matcher time = TIME.matcher(new String(line, 0, Math.min(line.length, HEAD), StandardCharsets.ISO_8859_1));
        return time.find() ? Instant.ofEpochMilli(Long.parseLong(time.group(1))) : born;
    }

    long bytes() {
        return lines.stream().mapToLong(line -> line.length).sum();
    }

    /** Whether its numbers have no gaps, as those of a spool file. */
    boolean isWhole() {
        return numbers.get(size() - 1) - first() == size() - 1;
    }

    /** Those from this index on, up to another. */
    Batch part(int from, int to) {
        return new Batch(source, client, born, numbers.subList(from, to), lines.subList(from, to));
    }

    /** Those of these indexes. */
    Batch part(List<Integer> indexes) {
        return new Batch(source, client, born, indexes.stream().map(numbers::get).toList(), indexes.stream().map(lines::get).toList());
    }
}
