package io.monitoringhub.runtime.surface;

import io.monitoringhub.runtime.stream.LogEntry;
import io.monitoringhub.runtime.stream.LogFollower;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Writes entries as server-sent events until the client leaves, the hub stops, or the client may read no more.
 *
 * <p>Each block has the offset as its id, so that a client that comes again with {@code Last-Event-ID} misses and doubles nothing. A heartbeat
 * says how far the log was looked through. Used by one thread, but for {@link #end}.
 */
final class EventStream implements LogFollower.Visitor {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final LogFollower follower;
    private final OutputStream out;
    private final BooleanSupplier mayRead;
    private final long heartbeatNanos;
    private volatile boolean isEnding;
    private long writtenAt;

    /**
     * @param mayRead whether the client still may; asked again and again
     * @param heartbeat after which time without an entry the client is told that all is well
     */
    EventStream(LogFollower follower, OutputStream out, BooleanSupplier mayRead, Duration heartbeat) {
        this.follower = follower;
        this.out = out;
        this.mayRead = mayRead;
        this.heartbeatNanos = heartbeat.toNanos();
    }

    /** The stream ends soon. From any thread. */
    void end() {
        isEnding = true;
        follower.wakeUp();
    }

    /** @throws IOException when the client has gone, or the log can't be read */
    void run() throws IOException, InterruptedException {
        write(": entries from offset " + follower.position() + " on\nretry: 2000\n\n");
        while (!isEnding) {
            if (!mayRead.getAsBoolean()) {
                write("event: end\ndata: {\"reason\":\"the token may read no more\"}\n\n");
                return;
            }
            if (follower.read(this)) {
                out.flush();
            }
            if (System.nanoTime() - writtenAt > heartbeatNanos) {
                // an id without data is noted by the client, and nobody is disturbed
                write(": heartbeat\n" + Optional.of(follower.position()).filter(at -> at > 0).map(at -> "id: " + (at - 1) + "\n").orElse("") + "\n");
            }
            follower.await(LOOK_EVERY);
        }
        write("event: end\ndata: {\"reason\":\"the hub stops\"}\n\n");
    }

    @Override
    public void entry(LogEntry entry) throws IOException {
        put("id: " + entry.offset() + "\ndata: " + data(entry.message()) + "\n\n");
    }

    /** A carriage return may stand between the parts of a message, and would end the line. */
    private static String data(String message) {
        return message.indexOf('\r') < 0 ? message : message.replace('\r', ' ');
    }

    @Override
    public void gap(long from, long to) throws IOException {
        put("event: gap\nid: " + (to - 1) + "\ndata: {\"from\":" + from + ",\"to\":" + to + ",\"missing\":" + (to - from) + "}\n\n");
    }

    private void put(String block) throws IOException {
        if (isEnding) {
            throw new IOException("the stream ends");
        }
        out.write(block.getBytes(StandardCharsets.UTF_8));
        writtenAt = System.nanoTime();
    }

    private void write(String block) throws IOException {
        out.write(block.getBytes(StandardCharsets.UTF_8));
        out.flush();
        writtenAt = System.nanoTime();
    }
}
