package io.monitoringhub.ingest;

import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Peer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the hub's log what is refused: one line per transport and code with the first peer and reason, then at most one a minute with how
 * many there were. A cause that was quiet for a minute is new again.
 *
 * <p>{@link #count} is called by any thread, {@link #report} by one at a time.
 */
final class RefusalLog {

    private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
    private static final long EACH_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Path file;
    private final Map<Cause, Seen> seen = new ConcurrentHashMap<>();
    private long countedAt;

    RefusalLog(Path file, long nanoTime) {
        this.file = file;
        this.countedAt = nanoTime;
    }

    void count(ComponentId transport, Peer peer, Refusal refusal) {
        seen.computeIfAbsent(new Cause(transport, refusal.code()), cause -> new Seen(peer, refusal)).count.increment();
    }

    /** Writes what is due. */
    void report(long nanoTime) {
        seen.forEach((cause, first) -> {
            if (!first.isTold) {
                first.isTold = true;
                LOG.warn("{}: refused a line from {}: {}: {}. Lines are kept in {}, further ones are counted", cause.transport, first.peer,
                        cause.code.word(), first.refusal.reason(), file);
            }
        });
        if (nanoTime - countedAt >= EACH_NANOS) {
            countedAt = nanoTime;
            seen.forEach(this::reportCount);
        }
    }

    private void reportCount(Cause cause, Seen since) {
        long count = since.count.sumThenReset();
        if (count == 0) {
            seen.remove(cause);
        } else if (count > 1 || since.isCounted) {
            LOG.warn("{}: {}: {} lines refused within a minute", cause.transport, cause.code.word(), count);
        }
        since.isCounted = true;
    }

    private record Cause(ComponentId transport, RefusalCode code) {
    }

    private static final class Seen {

        private final Peer peer;
        private final Refusal refusal;
        private final LongAdder count = new LongAdder();
        private boolean isTold;
        private boolean isCounted;

        Seen(Peer peer, Refusal refusal) {
            this.peer = peer;
            this.refusal = refusal;
        }
    }
}
