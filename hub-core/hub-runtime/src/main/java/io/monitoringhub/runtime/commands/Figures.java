package io.monitoringhub.runtime.commands;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
final class Figures {

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Figures() {
    }

    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Always in seconds, so that two looks can be compared. */
    static String seconds(Duration duration) {
        double seconds = duration.toMillis() / 1e3;
        return String.format(Locale.ROOT, seconds < 100 ? "%.1f s" : "%.0f s", seconds);
    }

    static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 10) {
            return duration.toMillis() + " ms";
        }
        if (seconds < 600) {
            return seconds + " s";
        }
        return seconds < 36_000 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
