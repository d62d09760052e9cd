package io.monitoringhub.plugin.cloudwatch;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

/**
 * The units that CloudWatch knows, by what applications call them. Any other unit is sent as none.
 *
 * <p>Immutable.
 */
final class Units {

    private final Map<String, StandardUnit> byName = new HashMap<>();

    Units() {
        for (StandardUnit unit : StandardUnit.knownValues()) {
            put(unit, unit.toString());
        }
        put(StandardUnit.SECONDS, "s", "sec", "secs", "second");
        put(StandardUnit.MILLISECONDS, "ms", "msec", "millis", "millisecond");
        put(StandardUnit.MICROSECONDS, "us", "\u00b5s", "\u03bcs", "usec", "micros", "microsecond");
        put(StandardUnit.BYTES, "byte", "octet", "octets");
        put(StandardUnit.KILOBYTES, "kbyte", "kilobyte");
        put(StandardUnit.MEGABYTES, "mbyte", "megabyte");
        put(StandardUnit.GIGABYTES, "gbyte", "gigabyte");
        put(StandardUnit.TERABYTES, "tbyte", "terabyte");
        put(StandardUnit.BITS, "bit");
        put(StandardUnit.PERCENT, "%", "pct");
        put(StandardUnit.COUNT, "1", "counts", "items", "requests", "messages", "events", "jobs");
        put(StandardUnit.COUNT_SECOND, "1/s", "count/s", "per second", "requests/s", "req/s", "rps", "messages/s", "events/s", "ops/s");
        put(StandardUnit.BYTES_SECOND, "byte/s", "bytes/s");
        put(StandardUnit.BITS_SECOND, "bit/s", "bits/s", "bps");
    }

    private void put(StandardUnit unit, String... names) {
        for (String name : names) {
            byName.put(name.toLowerCase(Locale.ROOT), unit);
        }
    }

    /** @param name as the application wrote it, or empty */
    StandardUnit of(String name) {
        String trimmed = name.strip();
        // Case tells bytes from bits where a unit has one or two letters.
        switch (trimmed) {
            case "B": return StandardUnit.BYTES;
            case "b": return StandardUnit.BITS;
            case "kB", "KB": return StandardUnit.KILOBYTES;
            case "MB": return StandardUnit.MEGABYTES;
            case "GB": return StandardUnit.GIGABYTES;
            case "TB": return StandardUnit.TERABYTES;
            case "kb", "Kb", "kbit": return StandardUnit.KILOBITS;
            case "Mb", "Mbit": return StandardUnit.MEGABITS;
            case "Gb", "Gbit": return StandardUnit.GIGABITS;
            case "B/s": return StandardUnit.BYTES_SECOND;
            case "kB/s", "KB/s": return StandardUnit.KILOBYTES_SECOND;
            case "MB/s": return StandardUnit.MEGABYTES_SECOND;
            case "GB/s": return StandardUnit.GIGABYTES_SECOND;
            default: return byName.getOrDefault(trimmed.toLowerCase(Locale.ROOT), StandardUnit.NONE);
        }
    }
}
