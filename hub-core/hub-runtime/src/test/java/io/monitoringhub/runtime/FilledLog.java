package io.monitoringhub.runtime;

import io.monitoringhub.ingest.IngestEngine;
import io.monitoringhub.ingest.IngestSettings;
import io.monitoringhub.ingest.OwnClient;
import io.monitoringhub.ingest.access.Access;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.segmented.LogEvents;
import io.monitoringhub.log.segmented.SegmentedLog;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.Peer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** A real log of small segments, filled through a real ingest. Used by one thread at a time. */
public final class FilledLog implements AutoCloseable {

    private final Path checkpoint;
    private final Access access = new Access();
    private final SegmentedLog log;
    private final IngestEngine ingest;
    private final OwnClient sender;
    private long sent;

    private FilledLog(Path folder, long maxBytes) throws IOException {
        checkpoint = folder.resolve("clients");
        log = SegmentedLog.open(new LogSettings(folder.resolve("log"), LogSettings.Durability.OS, 1 << 16, Duration.ofDays(1), maxBytes,
                LogSettings.OnFull.BLOCK), new LogEvents() { }, Clock.systemUTC());
        ingest = new IngestEngine(log, IngestSettings.DEFAULT, (transport, peer, refusal, bytes, from, to) -> { }, access, Clock.systemUTC(), "test");
        ingest.recoverClients(checkpoint);
        sender = new OwnClient(ingest, new ComponentId(Kind.TRANSPORT, "test", "test"), new Peer("test"), new UUID(1, 2));
        sent = sender.settled();
    }

    /** Opens what is there, or a new one. */
    public static FilledLog in(Path folder) throws IOException {
        return new FilledLog(folder, 1 << 24);
    }

    /** One that begins to forget after 256 KiB. */
    public static FilledLog smallIn(Path folder) throws IOException {
        return new FilledLog(folder, 1 << 18);
    }

    public SegmentedLog log() {
        return log;
    }

    public IngestEngine ingest() {
        return ingest;
    }

    /** Where it is written down which clients there are. */
    public Path checkpointFile() {
        return checkpoint;
    }

    /** Writes that down. */
    public void checkpoint() throws IOException {
        ingest.checkpointClients(checkpoint);
    }

    /** Appends messages and waits until they are durable. @return how many were let in */
    public long append(String... messages) throws IOException, InterruptedException {
        byte[] lines = (String.join("\n", messages) + "\n").getBytes(StandardCharsets.UTF_8);
        long accepted = sender.store(sent + 1, List.of(), ByteBuffer.wrap(lines)).accepted();
        sent += messages.length;
        return accepted;
    }

    @Override
    public void close() throws IOException {
        ingest.close();
        access.close();
        log.close();
    }
}
