package io.monitoringhub.testkit;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;

/**
 * A message that a test wants to see in a {@link TestBatch}.
 *
 * <p>Immutable; the body is not copied.
 *
 * @param source who sent it
 * @param type what it is
 * @param level the level of an event
 * @param timestamp the sender's time stamp, Unix milliseconds
 * @param receivedAt when the hub took it in, Unix milliseconds
 * @param body its bytes, without newline
 */
public record TestMessage(String source, MessageType type, Optional<Level> level, long timestamp, long receivedAt, byte[] body) {

    /** The length of the largest message: a line of 64 KiB without its newline. */
    public static final int MAX_LENGTH = 65_535;

    public TestMessage {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(body, "body");
    }

    /**
     * An event of level info, as a client sends it.
     *
     * @param source without characters that JSON escapes
     * @param timestamp also the time of receipt
     * @param text the text of the event, without characters that JSON escapes
     */
    public static TestMessage event(String source, long timestamp, String text) {
        String json = "{\"v\":1,\"src\":\"" + source + "\",\"ts\":" + timestamp + ",\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\""
                + text + "\"}}";
        return new TestMessage(source, MessageType.EVENT, Optional.of(Level.INFO), timestamp, timestamp, json.getBytes(StandardCharsets.UTF_8));
    }

    /** A metric with a value, as a client sends it; see {@link #event} for the parameters. */
    public static TestMessage metric(String source, long timestamp, String name, double value) {
        String json = "{\"v\":1,\"src\":\"" + source + "\",\"ts\":" + timestamp + ",\"type\":\"metric\",\"data\":{\"name\":\"" + name
                + "\",\"value\":" + value + ",\"unit\":\"1\",\"tags\":{}}}";
        return new TestMessage(source, MessageType.METRIC, Optional.empty(), timestamp, timestamp, json.getBytes(StandardCharsets.UTF_8));
    }

    /** A valid event whose body has exactly this length, at least 120 bytes for a short source. */
    public static TestMessage ofLength(String source, long timestamp, int length) {
        int frame = event(source, timestamp, "").body().length;
        return event(source, timestamp, "x".repeat(length - frame));
    }

    /** The body as text. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
