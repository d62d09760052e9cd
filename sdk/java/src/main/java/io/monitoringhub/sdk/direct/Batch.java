package io.monitoringhub.sdk.direct;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.UUID;

/**
 * Messages that are delivered together. A message is (client, number) for ever, so that a second delivery can be known as one. Immutable; lines must
 * not be written into.
 *
 * @param client who numbers
 * @param numbers of the messages, in their order
 * @param lines the messages, each with its newline
 */
public record Batch(UUID client, List<Long> numbers, List<byte[]> lines) {

    public Batch {
        numbers = List.copyOf(numbers);
        lines = List.copyOf(lines);
    }

    /** Names exactly these messages, also if they are a part of what was one batch. */
    public String key() {
        return client + "-" + numbers.get(0) + "-" + numbers.get(size() - 1) + "-" + size();
    }

    public int size() {
        return lines.size();
    }

    /** All lines, one after the other. */
    public byte[] body() {
        ByteArrayOutputStream body = new ByteArrayOutputStream(lines.stream().mapToInt(line -> line.length).sum());
        lines.forEach(body::writeBytes);
        return body.toByteArray();
    }

    /** Those from this index on, up to another. */
    Batch part(int from, int to) {
        return new Batch(client, numbers.subList(from, to), lines.subList(from, to));
    }
}
