package io.monitoringhub.plugin.spool;

import io.monitoringhub.entries.Chunk;
import io.monitoringhub.entries.SourceNames;
import io.monitoringhub.ingest.IngestEngine;
import io.monitoringhub.ingest.IngestSettings;
import io.monitoringhub.ingest.access.Access;
import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.segmented.LogEvents;
import io.monitoringhub.log.segmented.SegmentedLog;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testkit.RecordingHealth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** A real engine over a real log, and a spool folder. Used by one thread at a time. */
final class TestHub implements AutoCloseable {

    /** Tests that listen on nothing need none. */
    private static final ListeningSockets NO_SOCKETS = null;

    final Path spool;
    final RecordingHealth health = new RecordingHealth();
    private final Path home;
    private SegmentedLog log;
    private IngestEngine engine;

    TestHub(Path home) throws IOException {
        this.home = home;
        this.spool = Files.createDirectories(home.resolve("spool"));
        open();
    }

    private void open() throws IOException {
        log = SegmentedLog.open(new LogSettings(home.resolve("log"), LogSettings.Durability.OS, 1 << 26, Duration.ofHours(1), 1L << 32,
                LogSettings.OnFull.BLOCK), new LogEvents() { }, Clock.systemUTC());
        engine = new IngestEngine(log, IngestSettings.DEFAULT, (transport, peer, refusal, bytes, from, to) -> { }, new Access(), Clock.systemUTC(), "test");
        engine.recoverClients(home.resolve("clients"));
    }

    /** Forgets everything but the log, as a process does that starts anew. */
    void restart() throws IOException {
        log.close();
        open();
    }

    Ingest ingest() {
        return engine.ingest(new ComponentId(Kind.TRANSPORT, "spool", "spool"), health, home::resolve, NO_SOCKETS, name -> Optional.empty());
    }

    /** A started transport that looks often. */
    SpoolTransport transport(Map<String, Object> more) {
        SpoolTransport transport = new SpoolTransport(config(more));
        transport.start(ingest());
        return transport;
    }

    static SpoolConfig config(Map<String, Object> more) {
        Map<String, Object> values = new HashMap<>(Map.of("poll", "10ms"));
        values.putAll(more);
        return ComponentConfig.of(SpoolConfig.class, values);
    }

    /** Waits until all that was appended is on disk. */
    void awaitDurable() throws Exception {
        Await.until("everything is durable", () -> log.durableOffset() == log.endOffset());
    }

    /** All messages in the log, in its order. */
    List<String> stored() throws Exception {
        List<String> stored = new ArrayList<>();
        SourceNames names = new SourceNames();
        try (LogReader reader = log.reader(log.startOffset())) {
            while (reader.position() < log.durableOffset()) {
                for (Frame frame : reader.read(4 << 20)) {
                    Chunk chunk = Chunk.of(frame.payload(), names);
                    for (int i = 0; i < chunk.count(); i++) {
                        stored.add(StandardCharsets.UTF_8.decode(chunk.message(i)).toString());
                    }
                }
            }
        }
        return stored;
    }

    long storedCount() {
        return log.durableOffset();
    }

    Path write(String name, String text) throws IOException {
        // Under the name of a file that nobody takes first: what is written in place could be taken half-written.
        Path draft = Files.writeString(spool.resolve(name + ".tmp"), text);
        return Files.move(draft, spool.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Names in the folder, but for the hub's own lock. */
    List<String> names() throws IOException {
        try (Stream<Path> paths = Files.list(spool)) {
            return paths.map(path -> path.getFileName().toString()).filter(name -> !name.equals(SpoolFolder.LOCK)).sorted().toList();
        }
    }

    static String name(UUID client, long first, String ending) {
        return "svc-" + client + "-" + first + "." + ending;
    }

    static String message(Object text) {
        return "{\"v\":1,\"src\":\"svc\",\"ts\":1700000000000,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"" + text + "\"}}";
    }

    static String lines(int from, int to) {
        StringBuilder lines = new StringBuilder();
        for (int n = from; n <= to; n++) {
            lines.append(message(n)).append('\n');
        }
        return lines.toString();
    }

    static List<String> messages(int from, int to) {
        return lines(from, to).lines().toList();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
