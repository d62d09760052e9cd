package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.LogSettings.Durability;
import io.monitoringhub.log.LogSettings.OnFull;

/** What most tests of the log need. */
final class LogFixture {

    static final long SEGMENT = 1 << 16;

    private LogFixture() {
    }

    static LogSettings settings(Path folder) {
        return new LogSettings(folder, Durability.SYNC, SEGMENT, Duration.ofHours(1), 64 * SEGMENT, OnFull.BLOCK);
    }

    static LogSettings small(Path folder, OnFull onFull) {
        return new LogSettings(folder, Durability.SYNC, SEGMENT, Duration.ofHours(1), 4 * SEGMENT, onFull);
    }

    /** A stored frame, copied. */
    record Stored(long base, int count, String payload) {
    }

    static List<Stored> readAll(Log log) throws IOException {
        return readFrom(log, 0);
    }

    static List<Stored> readFrom(Log log, long offset) throws IOException {
        List<Stored> all = new ArrayList<>();
        try (LogReader reader = log.reader(offset)) {
            while (reader.position() < log.durableOffset()) {
                all.addAll(copies(reader.read(1 << 16)));
            }
        }
        return all;
    }

    static List<Stored> copies(List<Frame> frames) {
        return frames.stream().map(LogFixture::copy).toList();
    }

    static String text(Frame frame) {
        return StandardCharsets.UTF_8.decode(frame.payload().duplicate()).toString();
    }

    private static Stored copy(Frame frame) {
        return new Stored(frame.baseOffset(), frame.count(), text(frame));
    }
}
