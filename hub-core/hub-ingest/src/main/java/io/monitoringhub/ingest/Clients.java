package io.monitoringhub.ingest;

import io.monitoringhub.entries.Chunk;
import io.monitoringhub.entries.ChunkFormatException;
import io.monitoringhub.entries.ClientMark;
import io.monitoringhub.entries.SourceNames;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The acknowledged clients that the hub remembers, also over its own restarts: every frame in the log says what it settles, and a
 * checkpoint says it for all frames up to an offset.
 *
 * <p>Bounded: who was not heard of for long is forgotten, and so is the longest unused one when there are too many. Thread-safe.
 */
final class Clients {

    private static final Logger LOG = LoggerFactory.getLogger(Clients.class);
    private static final int READ_BYTES = 4 << 20;

    private final IngestSettings settings;
    private final Clock clock;
    private final Object lock = new Object();
    private final RecentClients sessions;
    /** Apart, so that a flood of single submissions does not make the hub forget an SDK. */
    private final RecentClients keys;
    private boolean changed;
    private volatile long settledOffset;

    Clients(IngestSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.sessions = new RecentClients(settings.maxClients());
        this.keys = new RecentClients(settings.maxClients());
    }

    private RecentClients of(UUID id) {
        return SubmissionKeys.isKey(id) ? keys : sessions;
    }

    private Stream<Client> all() {
        return Stream.concat(sessions.values().stream(), keys.values().stream());
    }

    /** The client of this id; one that is not known yet begins at {@code next}. */
    Client client(UUID id, long next) {
        synchronized (lock) {
            changed = true;
            Client client = of(id).computeIfAbsent(id, unknown -> new Client(unknown, next - 1));
            client.used(clock.millis());
            return client;
        }
    }

    /** Whether the client of this id is remembered. */
    boolean knows(UUID id) {
        synchronized (lock) {
            return of(id).containsKey(id);
        }
    }

    int size() {
        synchronized (lock) {
            return sessions.size() + keys.size();
        }
    }

    /**
     * Remembers what checkpoint and log say.
     *
     * @param file the checkpoint; a missing or damaged one only makes this take longer
     * @throws IOException when the log can't be read
     */
    void recover(Log log, Path file) throws IOException {
        long from = log.startOffset();
        if (Files.exists(file)) {
            try {
                ClientCheckpoint checkpoint = ClientCheckpoint.read(file);
                if (checkpoint.logId().toString().equals(log.id()) && checkpoint.offset() <= log.durableOffset()) {
                    checkpoint.clients().forEach(entry -> restore(entry.client(), entry.settled(), entry.lastUsed()));
                    from = Math.max(from, checkpoint.offset());
                } else {
                    LOG.warn("{} belongs to another log and is not used: the whole log is read instead", file);
                }
            } catch (IOException damaged) {
                LOG.warn("{}. The whole log is read instead", damaged.getMessage());
            }
        }
        settledOffset = readMarks(log, from);
        forgetOld();
    }

    /** What all frames below an offset of the log settle is known to their clients. Frames come in their order. */
    void settledBefore(long offset) {
        settledOffset = offset;
    }

    /** @return the offset up to which they were read */
    private long readMarks(Log log, long from) throws IOException {
        SourceNames names = new SourceNames();
        long end = log.durableOffset();
        try (LogReader reader = log.reader(from)) {
            while (reader.position() < end) {
                List<Frame> frames = reader.read(READ_BYTES);
                if (frames.isEmpty()) {
                    return end;
                }
                for (Frame frame : frames) {
                    readMark(frame, names);
                }
            }
        }
        return end;
    }

    private void readMark(Frame frame, SourceNames names) {
        try {
            Chunk.of(frame.payload(), names).client()
                    .ifPresent((ClientMark mark) -> restore(mark.client(), mark.lastNumber(), frame.appendedAt()));
        } catch (ChunkFormatException unknown) {
            LOG.warn("the frame at offset {} cannot be read ({}): what it says of clients is not known, a client that sends again may be"
                    + " stored twice", frame.baseOffset(), unknown.getMessage());
        }
    }

    private void restore(UUID id, long settled, long lastUsed) {
        synchronized (lock) {
            Client client = of(id).computeIfAbsent(id, unknown -> new Client(unknown, settled));
            client.settledBefore(settled);
            client.used(lastUsed);
        }
    }

    /** Writes the checkpoint if there is anything new to say. Waits for the disk. */
    void checkpoint(Log log, Path file) throws IOException {
        // First the offset: a mark that comes in between is then in both, and the higher number wins. Not the log's durable end: a frame is
        // durable a moment before its client is told, and its mark would be in neither.
        long offset = settledOffset;
        List<ClientCheckpoint.Entry> entries = new ArrayList<>();
        synchronized (lock) {
            forgetOld();
            boolean live = all().anyMatch(client -> !client.isIdle());
            if (!changed && !live) {
                return;
            }
            changed = live;
            all().forEach(client -> entries.add(client.checkpointEntry()));
        }
        new ClientCheckpoint(UUID.fromString(log.id()), offset, entries).write(file);
    }

    private void forgetOld() {
        long oldest = clock.millis() - settings.rememberClients().toMillis();
        synchronized (lock) {
            changed |= forget(sessions, oldest) | forget(keys, oldest);
        }
    }

    private static boolean forget(RecentClients clients, long unusedSince) {
        return clients.values().removeIf(client -> client.isIdle() && client.lastUsed() < unusedSince);
    }
}
