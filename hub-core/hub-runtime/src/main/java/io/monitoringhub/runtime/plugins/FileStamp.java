package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the file system says of a file: the same again means that nobody has touched it. It has the time of the last change of the inode,
 * which no program can set, so a file whose time was put back, or that was exchanged, has another one.
 *
 * <p>Immutable.
 *
 * @param changed when the inode changed last
 * @param text size, times in nanoseconds and place, as it is written down
 */
record FileStamp(Instant changed, String text) {

    /** File systems count time in ticks of some milliseconds, some in seconds. */
    private static final Duration TICK = Duration.ofSeconds(3);

    /** Nothing where the file system does not say enough, or no file is there: who reads it next says why. */
    static Optional<FileStamp> of(Path file) {
        Map<String, Object> attributes;
        try {
            attributes = Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,dev,ino");
        } catch (UnsupportedOperationException | IllegalArgumentException | IOException unknown) {
            return Optional.empty();
        }
        FileTime changed = (FileTime) attributes.get("ctime");
        return Optional.of(new FileStamp(changed.toInstant(), attributes.get("size") + " " + nanos(attributes.get("lastModifiedTime")) + " "
                + nanos(changed) + " " + attributes.get("dev") + " " + attributes.get("ino")));
    }

    /** Whether a change from now on would show. */
    boolean isSettled(Instant now) {
        return changed.isBefore(now.minus(TICK));
    }

    private static long nanos(Object time) {
        return ((FileTime) time).to(TimeUnit.NANOSECONDS);
    }
}
