package io.monitoringhub.delivery;

import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How old the entry at a lane's position is. Thread-safe. */
final class EntryAge {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private final String lane;
    private final Log log;
    private final Clock clock;

    EntryAge(String lane, Log log, Clock clock) {
        this.lane = lane;
        this.log = log;
        this.clock = clock;
    }

    /**
     * The age; zero where there is no entry.
     *
     * @param known when it was appended, in Unix milliseconds; zero where only the log knows
     */
    Duration of(long position, long end, long known) {
        if (position >= end) {
            return Duration.ZERO;
        }
        return Duration.ofMillis(Math.max(0, clock.millis() - (known == 0 ? appendedAt(position) : known)));
    }

    private long appendedAt(long position) {
        try (LogReader reader = log.reader(position)) {
            List<Frame> first = reader.read(1);
            return first.isEmpty() ? clock.millis() : first.get(0).appendedAt();
        } catch (IOException unknown) {
            LOG.debug("lane {}: cannot read the entry at offset {}", lane, position, unknown);
            return clock.millis();
        }
    }
}
