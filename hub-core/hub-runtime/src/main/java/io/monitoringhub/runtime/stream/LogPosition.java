package io.monitoringhub.runtime.stream;

import io.monitoringhub.log.Log;
import io.monitoringhub.runtime.config.Moment;
import java.io.IOException;
import java.time.Clock;

/** A place in the log as people name it. Has no state. */
public final class LogPosition {

    private LogPosition() {
    }

    /**
     * Finds the place.
     *
     * @param word {@code now}, {@code earliest}, an offset, or a time
     * @return an offset that is not behind the end
     * @throws IllegalArgumentException that says what was expected
     */
    public static long of(String word, Log log, Clock clock) throws IOException {
        long end = log.durableOffset();
        if (word.equals("now")) {
            return end;
        }
        if (word.equals("earliest")) {
            return log.startOffset();
        }
        if (word.matches("\\d{1,18}")) {
            return Math.min(end, Long.parseLong(word));
        }
        try {
            return log.offsetAt(Moment.of(word).at(clock).toEpochMilli()).orElse(end);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("from: expected now, earliest, an offset, or " + Moment.EXPECTED + ", not '" + word + "'", wrong);
        }
    }
}
