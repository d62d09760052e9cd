package io.monitoringhub.testkit;

import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The hub's side of a transport, for tests: its sessions keep what they are given. Thread-safe. */
public final class RecordingIngest implements Ingest, AutoCloseable {

    /** Longer than any test. */
    private static final Duration KEEP_SOCKETS = Duration.ofMinutes(5);

    private final ComponentId id;
    private final Path home;
    private final RecordingSession.Reaction reaction;
    private final boolean keepsBytes;
    private final Duration keepSockets;
    private final RecordingHealth health = new RecordingHealth();
    private final Object lock = new Object();
    private final List<RecordingSession> sessions = new ArrayList<>();
    private ListeningSockets sockets;

    private RecordingIngest(ComponentId id, Path home, RecordingSession.Reaction reaction, boolean keepsBytes, Duration keepSockets) {
        this.id = id;
        this.home = home;
        this.reaction = reaction;
        this.keepsBytes = keepsBytes;
        this.keepSockets = keepSockets;
    }

    /** Its sessions take everything and say nothing. */
    public static RecordingIngest silent(String type, Path home) {
        return new RecordingIngest(new ComponentId(Kind.TRANSPORT, type, "contract"), home, (session, bytes) -> true, true, Duration.ZERO);
    }

    /** The same with sessions that react to what they are given. */
    public RecordingIngest reacting(RecordingSession.Reaction wanted) {
        return new RecordingIngest(id, home, wanted, keepsBytes, keepSockets);
    }

    /** The same with sessions that count bytes and do not keep them. */
    public RecordingIngest counting() {
        return new RecordingIngest(id, home, reaction, false, keepSockets);
    }

    /** The same, where a listening socket waits for the successor of the transport that has gone, as it does in the hub. */
    public RecordingIngest keepingSockets() {
        return new RecordingIngest(id, home, reaction, keepsBytes, KEEP_SOCKETS);
    }

    @Override
    public ComponentId id() {
        return id;
    }

    @Override
    public HealthReporter health() {
        return health;
    }

    /** What the transport has said of its health. */
    public List<String> reports() {
        return health.reports();
    }

    @Override
    public Session open(Peer peer, Replies replies) {
        RecordingSession session = new RecordingSession(peer, replies, reaction, keepsBytes);
        synchronized (lock) {
            sessions.add(session);
        }
        return session;
    }

    @Override
    public Submission submit(SubmissionRequest request) {
        throw new UnsupportedOperationException("these sessions only record: test a transport that submits with a real IngestEngine");
    }

    @Override
    public Listener listen(ListenAddress address, ConnectionReceiver receiver) throws IOException {
        synchronized (lock) {
            if (sockets == null) {
                sockets = new ListeningSockets(keepSockets);
            }
            return sockets.listen(id, address, receiver);
        }
    }

    /** Closes the sockets that transports listened on. */
    @Override
    public void close() {
        synchronized (lock) {
            if (sockets != null) {
                sockets.close();
            }
        }
    }

    @Override
    public Path resolve(String path) {
        return home.resolve(path);
    }

    /** There is none. */
    @Override
    public Optional<Codec> codec(String name) {
        return Optional.empty();
    }

    /** All sessions so far, in the order of their beginning: a copy. */
    public List<RecordingSession> sessions() {
        synchronized (lock) {
            return List.copyOf(sessions);
        }
    }

    /** Waits for the session of this number, from 0, to begin. */
    public RecordingSession session(int number) throws Exception {
        Await.until("session " + number, () -> sessions().size() > number);
        return sessions().get(number);
    }

    /** What the transport did that it must not do, over all sessions. */
    public List<String> breaches() {
        return sessions().stream().flatMap(session -> session.breaches().stream()).collect(Collectors.toList());
    }
}
