package io.monitoringhub.sdk.direct;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A batch that is being delivered, and what of it is not settled yet. Used under its lane's lock. */
final class Job {

    private final Batch batch;
    private final Optional<BatchSpool.Claimed> claimed;
    private final Deque<Batch> parts = new ArrayDeque<>();

    Job(Batch batch, Optional<BatchSpool.Claimed> claimed) {
        this.batch = batch;
        this.claimed = claimed;
        parts.add(batch);
    }

    /** As it was formed, or is in its file. */
    Batch batch() {
        return batch;
    }

    /** The file that it came from. */
    Optional<BatchSpool.Claimed> claimed() {
        return claimed;
    }

    /** What to deliver next; null if all is done. */
    Batch next() {
        return parts.peek();
    }

    /** The next part is settled, but for those of its messages that are to be sent again. */
    void settle(List<Integer> retry) {
        Batch part = parts.remove();
        if (!retry.isEmpty()) {
            parts.addFirst(part.part(retry));
        }
    }

    void halve() {
        Batch part = parts.remove();
        parts.addFirst(part.part(part.size() / 2, part.size()));
        parts.addFirst(part.part(0, part.size() / 2));
    }

    /** How many messages are not settled. */
    int left() {
        return parts.stream().mapToInt(Batch::size).sum();
    }

    /** What is not settled as batches for the spool. A file's numbers have no gaps: else all goes there again, and the backend knows again what it has. */
    List<Batch> rest() {
        return parts.stream().allMatch(Batch::isWhole) ? List.copyOf(parts) : List.of(batch);
    }
}
