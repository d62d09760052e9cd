package io.monitoringhub.sdk.direct;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The batch that is being formed for a lane. Used by the dispatcher's thread, but for {@link #size} and {@link #has}. */
final class Forming {

    /** While the backend is behind, batches wait so many times longer to be full. */
    private static final int BEHIND = 10;
    /** And so long at least. */
    private static final long LEAST_BEHIND_NANOS = 200_000_000;

    private final BackendOptions options;
    private List<byte[]> lines = new ArrayList<>();
    private volatile long first;
    private long bytes;
    private long since;
    private volatile int size;

    Forming(BackendOptions options) {
        this.options = options;
    }

    /** How many lines it has; in any thread. */
    int size() {
        return size;
    }

    /** Whether it has lines up to this number; in any thread. */
    boolean has(long last) {
        return size > 0 && first <= last;
    }

    boolean hasRoom(byte[] line) {
        return lines.isEmpty() || lines.size() < options.batchSize() && bytes + line.length <= options.batchBytes();
    }

    void add(long number, byte[] line, long now) {
        if (lines.isEmpty()) {
            first = number;
            since = now;
        }
        lines.add(line);
        bytes += line.length;
        size = lines.size();
    }

    /** How long it still waits for more lines. */
    long left(boolean isBehind, long now) {
        if (lines.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long linger = options.linger().toNanos();
        return (isBehind ? Math.max(linger, LEAST_BEHIND_NANOS) * BEHIND : linger) - (now - since);
    }

    /** What was formed, if anything. It still counts as {@link #size} until {@link #handedOver}, so that a message is always somewhere. */
    Optional<Batch> take(String source, UUID client, Instant born) {
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        Batch batch = Batch.of(source, client, born, first, lines);
        lines = new ArrayList<>();
        bytes = 0;
        return Optional.of(batch);
    }

    void handedOver() {
        size = lines.size();
    }
}
