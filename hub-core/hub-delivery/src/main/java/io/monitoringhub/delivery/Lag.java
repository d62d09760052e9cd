package io.monitoringhub.delivery;

import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How old the entry at a lane's position is. Without state. */
final class Lag {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private Lag() {
    }

    /** @param now whose turn it is; null when it is nobody's */
    static Duration of(Turn now, long end, Ledger ledger, Log log) {
        long position = ledger.position();
        if (position >= end) {
            return Duration.ZERO;
        }
        long appendedAt = now == null ? 0 : now.delivery().oldestAppendedAt();
        if (appendedAt == 0) {
            appendedAt = appendedAt(position, ledger, log);
        }
        return Duration.ofMillis(Math.max(0, ledger.clock().millis() - appendedAt));
    }

    private static long appendedAt(long position, Ledger ledger, Log log) {
        try (LogReader reader = log.reader(position)) {
            List<Frame> first = reader.read(1);
            return first.isEmpty() ? ledger.clock().millis() : first.get(0).appendedAt();
        } catch (IOException unknown) {
            LOG.debug("the entry at offset {} cannot be read", position, unknown);
            return ledger.clock().millis();
        }
    }
}
