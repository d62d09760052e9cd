package io.monitoringhub.plugin.filesystem;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;

/**
 * The hours or days of a time zone, numbered so that later ones have higher numbers.
 *
 * <p>Used by one thread at a time.
 */
final class Periods {

    /** All time zones change their offset at multiples of this, so nothing changes within one slot. */
    private static final long SLOT_MS = 15 * 60_000;

    /** What one file is for. */
    enum Grain { NONE, DAY, HOUR }

    /**
     * One hour or day, or all time.
     *
     * @param number rises with time
     * @param date such as 2026-11-22
     * @param hour such as 09
     */
    record Period(long number, String date, String hour) { }

    private final ZoneId zone;
    private final Grain grain;
    private long slot = Long.MIN_VALUE;
    private Period current = new Period(0, "", "");

    Periods(ZoneId zone, Grain grain) {
        this.zone = zone;
        this.grain = grain;
    }

    /** The period of this time in Unix milliseconds. */
    Period at(long ms) {
        if (grain != Grain.NONE && Math.floorDiv(ms, SLOT_MS) != slot) {
            slot = Math.floorDiv(ms, SLOT_MS);
            LocalDateTime local = LocalDateTime.ofInstant(Instant.ofEpochMilli(ms), zone);
            long day = local.toLocalDate().toEpochDay();
            Period period = new Period(grain == Grain.DAY ? day : day * 24 + local.getHour(), local.toLocalDate().toString(),
                    local.getHour() < 10 ? "0" + local.getHour() : Integer.toString(local.getHour()));
            if (period.number != current.number || current.date.isEmpty()) {
                current = period;
            }
        }
        return current;
    }

    /** The number of the period of this time, without making it the current one. */
    long numberAt(long ms) {
        return new Periods(zone, grain).at(ms).number;
    }

    /** Whether all of both times and what lies between them is surely in one period. */
    boolean isSame(long firstMs, long lastMs) {
        return grain == Grain.NONE || at(firstMs).number == at(lastMs).number;
    }
}
