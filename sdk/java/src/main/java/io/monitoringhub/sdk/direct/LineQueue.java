package io.monitoringhub.sdk.direct;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/** Numbered lines that wait to become batches; bounded. Used under its lane's lock. */
final class LineQueue {

    private final UUID client;
    private final Limits limits;
    private final Deque<Long> numbers = new ArrayDeque<>();
    private final Deque<byte[]> lines = new ArrayDeque<>();
    private long bytes;

    LineQueue(UUID client, Limits limits) {
        this.client = client;
        this.limits = limits;
    }

    int size() {
        return lines.size();
    }

    /** Takes a line; false if there is no room. */
    boolean offer(long number, byte[] line) {
        if (lines.size() >= limits.queue() || bytes + line.length > limits.queueBytes()) {
            return false;
        }
        numbers.add(number);
        lines.add(line);
        bytes += line.length;
        return true;
    }

    /** The next batch; there is at least one line. */
    Batch take() {
        List<Long> itsNumbers = new ArrayList<>();
        List<byte[]> itsLines = new ArrayList<>();
        long size = 0;
        while (!lines.isEmpty() && itsLines.size() < limits.batch() && (size == 0 || size + lines.peek().length <= limits.batchBytes())) {
            size += lines.peek().length;
            itsNumbers.add(numbers.poll());
            itsLines.add(lines.poll());
        }
        bytes -= size;
        return new Batch(client, itsNumbers, itsLines);
    }

    void clear() {
        numbers.clear();
        lines.clear();
        bytes = 0;
    }
}
