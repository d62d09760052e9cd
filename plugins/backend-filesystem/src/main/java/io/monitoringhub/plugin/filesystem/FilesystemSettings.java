package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param path the folder as it was written
 * @param pattern the files' names below it
 * @param zone of date and hour
 * @param rotation when files end
 * @param rotateBytes size that a file does not pass, or {@link Long#MAX_VALUE}
 * @param gzip whether files that have ended are compressed
 * @param force whether commits wait for the disk
 * @param maxOpenFiles how many files are kept open
 */
record FilesystemSettings(String path, FilePattern pattern, ZoneId zone, Rotation rotation, long rotateBytes, boolean gzip, boolean force,
        int maxOpenFiles) {

    static final int MIN_ROTATE_BYTES = 4_096;
    static final int MAX_FLUSH_MS = 60_000;
    private static final int MOST_OPEN_FILES = 65_536;

    /** When a file ends by time. */
    enum Rotation { NEVER, HOURLY, DAILY }

    /** The time that one file is for, as far as pattern and rotation tell it. */
    Periods.Grain grain() {
        if (rotation == Rotation.HOURLY || pattern.hasHour()) {
            return Periods.Grain.HOUR;
        }
        return rotation == Rotation.DAILY || pattern.hasDate() ? Periods.Grain.DAY : Periods.Grain.NONE;
    }

    /** Whether a new period begins a new number, because its name alone does not tell it from the one before. */
    boolean isNumberedByPeriod() {
        boolean nameTells = pattern.hasDate() && (pattern.hasHour() || rotation == Rotation.DAILY);
        return rotation != Rotation.NEVER && !nameTells;
    }

    /** Reads the configuration; all that is wrong with it is in the one exception. */
    static FilesystemSettings from(FilesystemConfig config, String instance) throws PermanentDeliveryException {
        List<String> problems = new ArrayList<>();
        String path = read("path", config::path, "a folder", problems).orElse("");
        if (path.isBlank() || path.indexOf('\0') >= 0) {
            problems.add("path '" + path + "': expected a folder such as data/events");
        }
        String file = read("file", config::file, "a pattern of file names", problems).orElse("events.jsonl");
        FilePattern pattern = FilePattern.parse(file, problem -> problems.add("file '" + file + "': " + problem));
        ZoneId zone = zone(read("time_zone", config::time__zone, "a time zone", problems).orElse("UTC"), problems);
        Rotation rotation = rotation(read("rotate", config::rotate, "never, hourly or daily", problems).orElse("never"), problems);
        long bytes = read("rotate_bytes", config::rotate__bytes, "a number of bytes", problems).orElse(0L);
        if (bytes != 0 && bytes < MIN_ROTATE_BYTES) {
            problems.add("rotate_bytes '" + bytes + "': expected 0 for no limit, or at least " + MIN_ROTATE_BYTES);
        }
        boolean gzip = read("gzip", config::gzip, "true or false", problems).orElse(false);
        String fsync = read("fsync", config::fsync, "commit or never", problems).orElse("commit");
        if (!fsync.equals("commit") && !fsync.equals("never")) {
            problems.add("fsync '" + fsync + "': expected commit or never");
        }
        int openFiles = within("max_open_files", config::max__open__files, MOST_OPEN_FILES, problems);
        within("flush_ms", config::flush__ms, MAX_FLUSH_MS, problems);
        if (!problems.isEmpty()) {
            throw new PermanentDeliveryException("cannot use the configuration of " + instance + ": " + String.join("; ", problems));
        }
        return new FilesystemSettings(path, pattern, zone, rotation, bytes == 0 ? Long.MAX_VALUE : bytes, gzip, fsync.equals("commit"),
                openFiles);
    }

    private static int within(String key, Supplier<Integer> value, int most, List<String> problems) {
        int number = read(key, value, "a number from 1 to " + most, problems).orElse(1);
        if (number < 1 || number > most) {
            problems.add(key + " '" + number + "': expected a number from 1 to " + most);
        }
        return number;
    }

    private static ZoneId zone(String text, List<String> problems) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            problems.add("time_zone '" + text + "': expected a time zone such as UTC or Europe/Berlin");
            return ZoneId.of("UTC");
        }
    }

    private static Rotation rotation(String text, List<String> problems) {
        for (Rotation rotation : Rotation.values()) {
            if (rotation.name().equalsIgnoreCase(text)) {
                return rotation;
            }
        }
        problems.add("rotate '" + text + "': expected never, hourly or daily");
        return Rotation.NEVER;
    }

    /** Declarative Services converts a value when it is asked for, and throws an unchecked exception of its own if it can't. */
    private static <T> Optional<T> read(String key, Supplier<T> value, String expected, List<String> problems) {
        try {
            Optional<T> read = Optional.ofNullable(value.get());
            if (read.isEmpty()) {
                problems.add(key + " is empty: expected " + expected);
            }
            return read;
        } catch (RuntimeException e) {
            problems.add(key + ": expected " + expected + " (" + e.getMessage() + ")");
            return Optional.empty();
        }
    }
}
