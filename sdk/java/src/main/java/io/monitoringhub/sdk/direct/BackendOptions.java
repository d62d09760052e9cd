package io.monitoringhub.sdk.direct;

import java.time.Duration;

/**
 * How a backend is used. Immutable.
 *
 * @param priority with {@link DeliveryMode#FAILOVER}: the lowest is tried first
 * @param queue messages in memory that it has not taken yet
 * @param batchSize most messages of a batch
 * @param batchBytes most bytes of a batch, but for one of a single message
 * @param linger how long a batch waits for more messages
 */
public record BackendOptions(int priority, int queue, int batchSize, int batchBytes, Duration linger) {

    private static final Duration LONGEST = Duration.ofHours(1);

    /** What holds where neither program nor backend say anything. */
    public static final BackendOptions USUAL = new BackendOptions(100, 10_000, 500, 1 << 20, Duration.ofMillis(200));

    /** Values that can't be are brought to the nearest that can. */
    public BackendOptions {
        queue = Math.max(1, queue);
        batchSize = Math.max(1, batchSize);
        batchBytes = Math.max(1, batchBytes);
        linger = linger == null || linger.isNegative() ? Duration.ZERO : linger.compareTo(LONGEST) > 0 ? LONGEST : linger;
    }

    /** With this priority. */
    public BackendOptions priority(int first) {
        return new BackendOptions(first, queue, batchSize, batchBytes, linger);
    }

    /** With so many messages in memory. */
    public BackendOptions queue(int messages) {
        return new BackendOptions(priority, messages, batchSize, batchBytes, linger);
    }

    /** With batches of at most so many messages. */
    public BackendOptions batchSize(int messages) {
        return new BackendOptions(priority, queue, messages, batchBytes, linger);
    }

    /** With batches of at most so many bytes. */
    public BackendOptions batchBytes(int bytes) {
        return new BackendOptions(priority, queue, batchSize, bytes, linger);
    }

    /** With batches that wait so long for more messages. */
    public BackendOptions linger(Duration time) {
        return new BackendOptions(priority, queue, batchSize, batchBytes, time);
    }

    /** What both can take. */
    BackendOptions smallest(BackendOptions other) {
        return new BackendOptions(Math.min(priority, other.priority), Math.min(queue, other.queue), Math.min(batchSize, other.batchSize),
                Math.min(batchBytes, other.batchBytes), linger.compareTo(other.linger) < 0 ? linger : other.linger);
    }
}
