package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where objects end. A stretch of entries ends by size, by the number of its keys, or by age; then its plan is committed, then its objects
 * are put, then the position is committed behind it. With a plan from before a crash the first stretch ends where that one was to end, so
 * that its objects get the same keys and take the place of those that were put already.
 *
 * <p>Used by one thread at a time.
 */
final class Stretches implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Stretches.class);
    private static final byte[] NO_STATE = {};

    /** When a stretch ends, and what its objects are called. */
    record Rules(long rollSize, long rollAfterMs, String prefix, Compression compression) {
    }

    /** Puts the objects of a stretch that has ended, and takes away those that are planned but have no entry. */
    interface Putter {
        void put(Stretch stretch, Plan plan) throws DeliveryException, InterruptedException;
    }

    private final Rules rules;
    private final Path folder;
    private final Clock clock;
    private final Deque<Stretch> waiting = new ArrayDeque<>();
    private long from;
    private long taken = -1;
    private Plan plan;

    /** @param resumed what was planned when the last instance ended */
    Stretches(Rules rules, Path folder, Clock clock, long from, Optional<Plan> resumed) {
        this.rules = rules;
        this.folder = folder;
        this.clock = clock;
        this.from = from;
        resumed.ifPresent(before -> {
            plan = before;
            waiting.add(Stretch.planned(before, folder));
        });
    }

    /** Everything below this offset is in objects. */
    long from() {
        return from;
    }

    /** Takes an entry; one that it has already, because the batch that brought it failed half way, changes nothing. */
    void take(long offset, String stem, ByteBuffer message) throws IOException {
        if (offset <= taken) {
            return;
        }
        Stretch last = waiting.peekLast();
        if (last != null && !last.hasEnded() && last.isTooLargeWith(stem, message.remaining(), rules.rollSize)) {
            last.end(offset);
        }
        if (last == null || last.hasEnded() && offset >= last.until()) {
            last = Stretch.open(last == null ? from : last.until(), folder, clock.millis());
            last.add(stem, message);
            waiting.add(last);
        } else {
            last.add(stem, message);
        }
        taken = offset;
    }

    /** One step further: a plan, or the objects of a plan that is stored. */
    Commit flush(long next, Putter putter) throws DeliveryException, InterruptedException {
        if (plan != null) {
            Stretch head = waiting.element();
            if (next < plan.until()) {
                return commit();
            }
            Optional<Plan> larger = plan.with(head.stems());
            if (larger.isPresent()) {
                // The route lets more in than when this was planned: their objects must be known before they are put.
                plan = larger.get();
                return commit();
            }
            putter.put(head, plan);
            from = plan.until();
            plan = null;
            close(waiting.remove());
        }
        Stretch head = waiting.peek();
        if (head == null) {
            from = Math.max(from, next);
            return commit();
        }
        if (!head.hasEnded() && next > taken && isOld(head)) {
            head.end(next);
        }
        if (head.hasEnded() && head.until() <= next) {
            plan = new Plan(head.from(), head.until(), Plan.offsets(rules.prefix, head.from(), head.until(), rules.compression), head.stems());
        }
        return commit();
    }

    /** A clock that was set back makes a stretch old: waiting for it could take years. */
    private boolean isOld(Stretch stretch) {
        long age = clock.millis() - stretch.since();
        return age < 0 || age >= rules.rollAfterMs;
    }

    private Commit commit() {
        return new Commit(from, plan == null ? NO_STATE : plan.encoded());
    }

    @Override
    public void close() {
        waiting.forEach(Stretches::close);
        waiting.clear();
    }

    private static void close(Stretch stretch) {
        try {
            stretch.close();
        } catch (IOException e) {
            LOG.warn("cannot close a spool: {}; its disk space comes back when the hub ends", e.toString());
        }
    }
}
