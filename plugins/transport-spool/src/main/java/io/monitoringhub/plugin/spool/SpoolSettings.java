package io.monitoringhub.plugin.spool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The validated configuration. Immutable.
 *
 * @param paths folders as configured, the last part perhaps a pattern
 * @param poll how often to look
 * @param keep how long taken files are kept; zero deletes them
 * @param abandonedAfter how long a file in somebody's hands must rest
 * @param maxFile the largest file, in bytes
 * @param token what to show to the hub
 */
record SpoolSettings(List<String> paths, Duration poll, Duration keep, Duration abandonedAfter, long maxFile, Optional<String> token) {

    private static final Pattern MEASURE = Pattern.compile("([0-9]{1,12}) *([a-z]*)");
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> BYTES = Map.of("", 1L, "b", 1L, "kb", 1L << 10, "kib", 1L << 10, "mb", 1L << 20, "mib", 1L << 20,
            "gb", 1L << 30, "gib", 1L << 30);

    SpoolSettings {
        paths = List.copyOf(paths);
    }

    /** @throws IllegalArgumentException that names every problem at once */
    static SpoolSettings from(SpoolConfig config) {
        List<String> problems = new ArrayList<>();
        List<String> paths = paths(config, problems);
        Duration poll = duration("poll", config::poll, Duration.ofMillis(10), Duration.ofHours(1), problems);
        Duration keep = duration("keep", config::keep, Duration.ZERO, Duration.ofDays(3650), problems);
        Duration abandonedAfter = duration("abandoned_after", config::abandoned__after, Duration.ZERO, Duration.ofDays(365), problems);
        long maxFile = measure("max_file", config::max__file, BYTES, 1, 1L << 40, "a size from 1B to 1024GB, as in 1GB", problems);
        Optional<String> token = Optional.ofNullable(config._token()).filter(secret -> !secret.isBlank());
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        return new SpoolSettings(paths, poll, keep, abandonedAfter, maxFile, token);
    }

    private static List<String> paths(SpoolConfig config, List<String> problems) {
        List<String> paths = config.path() == null ? List.of() : List.of(config.path());
        if (paths.isEmpty()) {
            problems.add("path: expected a folder");
        }
        for (String path : paths) {
            int last = path.lastIndexOf('/');
            if (path.isBlank()) {
                problems.add("path '" + path + "': expected a folder");
            } else if (last > 0 && Folders.isPattern(path.substring(0, last))) {
                problems.add("path '" + path + "': only the last part may be a pattern, as in /tmp/monitoring-spool-*");
            }
        }
        return paths;
    }

    private static Duration duration(String key, Supplier<String> value, Duration least, Duration most, List<String> problems) {
        return Duration.ofMillis(measure(key, value, MILLIS, least.toMillis(), most.toMillis(),
                "a duration such as 500ms, 1s, 5m, 24h or 7d, at least " + least.toMillis() + "ms and at most " + most.toHours() + "h", problems));
    }

    private static long measure(String key, Supplier<String> value, Map<String, Long> units, long least, long most, String expected,
            List<String> problems) {
        String text = String.valueOf(value.get()).strip();
        Matcher matcher = MEASURE.matcher(text.toLowerCase(Locale.ROOT));
        if (matcher.matches() && units.containsKey(matcher.group(2))) {
            // Twelve digits of the largest unit still fit.
            double exact = (double) Long.parseLong(matcher.group(1)) * units.get(matcher.group(2));
            if (exact >= least && exact <= most) {
                return Long.parseLong(matcher.group(1)) * units.get(matcher.group(2));
            }
        }
        problems.add(key + " '" + text + "': expected " + expected);
        return least;
    }
}
