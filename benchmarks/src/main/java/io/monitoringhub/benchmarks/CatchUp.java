package io.monitoringhub.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How a destination that was away got what it had missed, while more was coming. Immutable.
 *
 * @param entries that it got until it had caught up, also those that came meanwhile
 * @param waitSeconds from the repair to the first of them: the lane tries only now and then
 * @param seconds from the first of them to the last
 * @param loadRate entries that came a second
 */
record CatchUp(long entries, double waitSeconds, double seconds, double loadRate) {
    double rate() {
        return entries / Math.max(1e-9, seconds);
    }

    double times() {
        return rate() / loadRate;
    }

    /** The same with the wait, during which nothing was delivered. */
    double timesFromRepair() {
        return entries / Math.max(1e-9, waitSeconds + seconds) / loadRate;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,d entries in %.1f s, %,.0f entries/s, %.1f times the load's rate; the first of them %.1f s after"
                + " the repair, %.1f times the load's rate from there", entries, seconds, rate(), times(), waitSeconds, timesFromRepair());
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("entries", entries);
        json.put("waitSeconds", waitSeconds);
        json.put("seconds", seconds);
        json.put("entriesPerSecond", rate());
        json.put("timesTheLoad", times());
        json.put("timesTheLoadFromRepair", timesFromRepair());
        return json;
    }
}
