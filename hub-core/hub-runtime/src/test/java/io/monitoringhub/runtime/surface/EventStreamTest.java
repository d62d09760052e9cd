package io.monitoringhub.runtime.surface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.runtime.FilledLog;
import io.monitoringhub.runtime.stream.EntryFilter;
import io.monitoringhub.runtime.stream.LogFollower;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The stream's text, ended by its client, its token, or the hub. */
@Timeout(300)
class EventStreamTest {

    private static final Duration NEVER = Duration.ofHours(1);
    private static final String MESSAGE = "{\"v\":1,\"src\":\"a\",\"ts\":1,\"type\":\"heartbeat\"}";

    @TempDir
    private Path folder;
    private FilledLog filled;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @BeforeEach
    void open() throws IOException {
        filled = FilledLog.in(folder);
    }

    @AfterEach
    void close() throws IOException {
        filled.close();
    }

    @Test
    void eachEntryHasItsOffsetAndTheStreamSaysWhyItEnds() throws Exception {
        filled.append(MESSAGE, MESSAGE.replace("\"ts\"", "\r\"ts\""));
        AtomicBoolean mayRead = new AtomicBoolean(true);
        try (LogFollower follower = new LogFollower(filled.log(), 0, EntryFilter.ALL)) {
            new EventStream(follower, endingAfter(2, () -> mayRead.set(false)), mayRead::get, NEVER).run();
        }
        assertThat(text()).isEqualTo(": entries from offset 0 on\nretry: 2000\n\nid: 0\ndata: " + MESSAGE + "\n\nid: 1\ndata: "
                + MESSAGE.replace("\"ts\"", " \"ts\"") + "\n\nevent: end\ndata: {\"reason\":\"the token may read no more\"}\n\n");
    }

    @Test
    void aHeartbeatSaysHowFarTheLogWasLookedThrough() throws Exception {
        filled.append(MESSAGE, MESSAGE, MESSAGE);
        EntryFilter none = EntryFilter.of(List.of("nobody"), List.of(), Optional.empty(), Optional.empty());
        AtomicReference<EventStream> stream = new AtomicReference<>();
        try (LogFollower follower = new LogFollower(filled.log(), 0, none)) {
            stream.set(new EventStream(follower, endingAt(": heartbeat", () -> stream.get().end()), () -> true, Duration.ofNanos(1)));
            stream.get().run();
        }
        assertThat(text()).contains(": heartbeat\nid: 2\n\n").doesNotContain("data: {\"v\"").endsWith("event: end\ndata: {\"reason\":\"the hub stops\"}\n\n");
    }

    @Test
    void aGapIsAnEventThatAClientGoesOnBehind() throws Exception {
        try (LogFollower follower = new LogFollower(filled.log(), 0, EntryFilter.ALL)) {
            new EventStream(follower, written, () -> true, NEVER).gap(100, 250);
        }
        assertThat(text()).isEqualTo("event: gap\nid: 249\ndata: {\"from\":100,\"to\":250,\"missing\":150}\n\n");
    }

    @Test
    void aClientThatHasLeftEndsIt() throws Exception {
        filled.append(MESSAGE);
        try (LogFollower follower = new LogFollower(filled.log(), 0, EntryFilter.ALL)) {
            EventStream stream = new EventStream(follower, endingAt("id: 0", () -> {
                throw new IllegalStateException("left");
            }), () -> true, NEVER);
            assertThatThrownBy(stream::run).isInstanceOf(IOException.class).hasMessageContaining("left");
        }
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }

    private OutputStream endingAfter(int entries, Runnable end) {
        return endingAt("id: " + (entries - 1) + "\n", end);
    }

    /** Notes what is written, and does something when these words are. */
    private OutputStream endingAt(String words, Runnable end) {
        return new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException("blocks only");
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                written.write(bytes, from, length);
                if (new String(bytes, from, length, StandardCharsets.UTF_8).contains(words)) {
                    try {
                        end.run();
                    } catch (IllegalStateException left) {
                        throw new IOException(left.getMessage(), left);
                    }
                }
            }
        };
    }
}
