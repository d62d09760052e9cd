package io.monitoringhub.correlation;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How far a job is. Immutable.
 *
 * @param id the job's id
 * @param source who reported last
 * @param traceId the trace that the job belongs to, if a report named one
 * @param percent 0 to 100
 * @param status as last reported; can be empty
 * @param firstProgressAt the sender's time of the earliest report, in Unix milliseconds
 * @param lastProgressAt the sender's time of the latest report, which is where percent, status and source are from
 * @param advancedAt the hub's time when a report came that was further than all before, in Unix milliseconds
 * @param usualStep how long it took on average from one such report to the next; zero while there were fewer than four
 */
public record Job(String id, String source, Optional<String> traceId, double percent, String status, long firstProgressAt,
        long lastProgressAt, long advancedAt, Duration usualStep) {

    private static final Set<String> ENDS = Set.of("done", "complete", "completed", "finished", "success", "succeeded");
    private static final int SLOW = 3;
    /** Less is no news to anybody. */
    private static final Duration LEAST_SLOW = Duration.ofSeconds(5);

    /** How a job stands. */
    public enum State {
        /** It is at 100 % or says that it is done. */
        DONE,
        /** It says that it failed. */
        FAILED,
        /** It has not come further for as long as the hub's operator has said. */
        STUCK,
        /** It has not come further for three times as long as it usually takes, and five seconds at least. */
        SLOW,
        /** None of these. */
        RUNNING
    }

    /**
     * How it stands.
     *
     * @param stuckAfter for how long it may stand still
     */
    public State state(Instant now, Duration stuckAfter) {
        if (Span.isFailure(status)) {
            return State.FAILED;
        }
        if (percent >= 100 || ENDS.contains(status.toLowerCase(Locale.ROOT))) {
            return State.DONE;
        }
        Duration still = stillFor(now);
        if (still.compareTo(stuckAfter) >= 0) {
            return State.STUCK;
        }
        boolean isSlow = !usualStep.isZero() && still.compareTo(usualStep.multipliedBy(SLOW)) >= 0 && still.compareTo(LEAST_SLOW) >= 0;
        return isSlow ? State.SLOW : State.RUNNING;
    }

    /** For how long no report was further than those before. */
    public Duration stillFor(Instant now) {
        return Duration.ofMillis(Math.max(0, now.toEpochMilli() - advancedAt));
    }
}
