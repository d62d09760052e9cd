package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What became of one batch's entries so far. An entry is settled only when CloudWatch has said so; what was under way when it ended is not.
 *
 * <p>Thread-safe. After {@link #end} nothing changes any more: an answer that comes later counts for nothing.
 */
final class Progress {

    private final Object lock = new Object();
    private final Set<Long> accepted = new HashSet<>();
    private final List<WriteResult.Rejection> rejected = new ArrayList<>();
    private DeliveryException failure;
    private boolean isOver;

    /** CloudWatch has these. */
    void accepted(List<Long> offsets) {
        synchronized (lock) {
            if (!isOver) {
                accepted.addAll(offsets);
            }
        }
    }

    /** CloudWatch will never take these. */
    void rejected(List<WriteResult.Rejection> rejections) {
        synchronized (lock) {
            if (!isOver) {
                rejected.addAll(rejections);
            }
        }
    }

    /** A request failed; what it was about is neither accepted nor rejected. */
    void failed(DeliveryException why) {
        synchronized (lock) {
            if (!isOver && (failure == null || rank(why) > rank(failure))) {
                failure = why;
            }
        }
    }

    /** What a person must mend comes first, then what passes by itself; who is to blame for refused content is asked last. */
    private static int rank(DeliveryException failure) {
        if (failure instanceof PermanentDeliveryException) {
            return 2;
        }
        return failure instanceof BatchRefusedException ? 0 : 1;
    }

    /** Whether to send no more: this has ended, or another request would fail as the last one did. */
    boolean isOver() {
        synchronized (lock) {
            return isOver || failure != null && rank(failure) > 0;
        }
    }

    /** Nothing counts from here on. */
    void end() {
        synchronized (lock) {
            isOver = true;
        }
    }

    /** Why not everything went through, if so. */
    Optional<DeliveryException> failure() {
        synchronized (lock) {
            return Optional.ofNullable(failure);
        }
    }

    /**
     * What the lane is told: entries without an answer come again, and only those.
     *
     * @throws DeliveryException the failure, when CloudWatch took nothing
     * @throws InterruptedException when it took nothing and nothing failed
     */
    WriteResult result(Batch batch) throws DeliveryException, InterruptedException {
        synchronized (lock) {
            Set<Long> settled = new HashSet<>(accepted);
            rejected.forEach(each -> settled.add(each.offset()));
            List<Long> retry = new ArrayList<>();
            for (int i = 0; i < batch.size(); i++) {
                if (!settled.contains(batch.offset(i))) {
                    retry.add(batch.offset(i));
                }
            }
            if (!retry.isEmpty() && accepted.isEmpty()) {
                if (failure != null) {
                    throw failure;
                }
                throw new InterruptedException("before CloudWatch took anything");
            }
            return retry.isEmpty() && rejected.isEmpty() ? WriteResult.allWritten() : new WriteResult(rejected, retry);
        }
    }
}
