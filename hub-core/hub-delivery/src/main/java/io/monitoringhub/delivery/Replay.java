package io.monitoringhub.delivery;

/**
 * A stretch of the log that a lane delivers once more. Immutable.
 *
 * @param from the first offset
 * @param to the offset behind the last
 * @param back where the lane goes on afterwards: its position before the replay
 */
public record Replay(long from, long to, long back) {

    /** @throws IllegalArgumentException unless {@code 0 <= from <= to <= back} */
    public Replay {
        if (from < 0 || from > to || to > back) {
            throw new IllegalArgumentException("a replay needs 0 <= from <= to <= back, not " + from + ", " + to + ", " + back);
        }
    }

    /** How many entries lie in it, whether the lane's routes select them or not. */
    public long entries() {
        return to - from;
    }

    /** How far it is, in words. */
    String progress(long position) {
        long percent = entries() == 0 ? 100 : Math.max(0, Math.min(100, (position - from) * 100 / entries()));
        return "replaying to " + to + ", " + percent + " %" + (back > to ? ", then on from " + back : "");
    }
}
