package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.segmented.LogEvents;
import io.monitoringhub.log.segmented.SegmentedLog;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TypedCursorTest {

    @TempDir
    private Path folder;

    @Test
    void aStateIsShownToTheTypeThatStoredItAndToNoOther() throws Exception {
        LogSettings settings = new LogSettings(folder, LogSettings.Durability.OS, 1 << 16, Duration.ZERO, 1 << 20,
                LogSettings.OnFull.BLOCK);
        try (SegmentedLog log = SegmentedLog.open(settings, LogEvents.none(), Clock.systemUTC())) {
            Cursor stored = log.cursors().open("archive", 0);
            new TypedCursor(stored, "filesystem").commit(0, new byte[] {1, 2, 3});

            assertThat(new TypedCursor(stored, "filesystem").state()).containsExactly(1, 2, 3);
            assertThat(new TypedCursor(stored, "filesystem").position()).isZero();
            assertThat(new TypedCursor(stored, "s3").state()).isEmpty();
            assertThat(new TypedCursor(stored, "file").state()).isEmpty();
        }
    }
}
