package io.monitoringhub.ingest;

import io.monitoringhub.ingest.access.Access;
import io.monitoringhub.ingest.access.Grant;
import io.monitoringhub.ingest.access.NotAdmittedException;
import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.log.Durations;
import io.monitoringhub.log.Log;
import io.monitoringhub.protocol.ProtocolLimits;
import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRefusedException.Reason;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages in from all transports and appends them to the log.
 *
 * <p>Decoding happens on the transports' threads; one pass makes one frame. Thread-safe.
 */
public final class IngestEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IngestEngine.class);
    private static final int MOST_IDLE_PASSES = 16;
    private static final byte[] NOTHING = {};
    /** Some 50 KiB each that no garbage collector sees. */
    private static final int MOST_INFLATING = 1_000;
    /** A process that left lines behind is about to end. */
    private static final Duration CLIENT_GONE = Duration.ofSeconds(1);

    private final Log log;
    private final IngestSettings settings;
    private final Refusals refusals;
    private final Access access;
    private final Clock clock;
    private final String hubName;
    private final FrameBuffers buffers = new FrameBuffers();
    private final BackPressure backPressure;
    private final Clients clients;
    private final ConcurrentLinkedDeque<DecodingPass> idlePasses = new ConcurrentLinkedDeque<>();

    private final AtomicInteger inflating = new AtomicInteger();
    /** Bounded: a session stands in it once at most. */
    private final ThreadPoolExecutor inflater = new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
            task -> new Thread(task, "hub-inflate"));

    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    /** As many as there are names of transports since the start. */
    private final Map<ComponentId, LongAdder> byTransport = new ConcurrentHashMap<>();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder overRate = new LongAdder();
    private final Durations appends = new Durations();
    private final AtomicLong sessions = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();

    /**
     * @param log where entries go; the caller closes it after the last session has ended
     * @param access who may send; the caller closes it after the last session has ended
     * @param hubName what the hub calls itself to clients
     */
    public IngestEngine(Log log, IngestSettings settings, Refusals refusals, Access access, Clock clock, String hubName) {
        this.log = Objects.requireNonNull(log);
        this.settings = Objects.requireNonNull(settings);
        this.refusals = Objects.requireNonNull(refusals);
        this.access = Objects.requireNonNull(access);
        this.clock = Objects.requireNonNull(clock);
        this.hubName = Objects.requireNonNull(hubName);
        this.backPressure = new BackPressure(settings);
        this.clients = new Clients(settings, clock);
        inflater.allowCoreThreadTimeOut(true);
    }

    /**
     * Remembers acknowledged clients from before; to be called before the first session is opened.
     *
     * @param checkpoint where {@link #checkpointClients} wrote; need not exist
     * @throws IOException when the log can't be read
     */
    public void recoverClients(Path checkpoint) throws IOException {
        clients.recover(log, checkpoint);
    }

    /** Writes down which acknowledged clients there are, so that the next start need not read the whole log. Waits for the disk. */
    public void checkpointClients(Path checkpoint) throws IOException {
        clients.checkpoint(log, checkpoint);
    }

    /**
     * The hub's side of one transport instance.
     *
     * @param paths makes the transport's configured paths absolute
     * @param sockets where it may listen
     * @param codecs the codecs that are installed, by name
     */
    public Ingest ingest(ComponentId transport, HealthReporter health, UnaryOperator<Path> paths, ListeningSockets sockets,
            Function<String, Optional<Codec>> codecs) {
        return new Ingest() {
            @Override
            public ComponentId id() {
                return transport;
            }

            @Override
            public HealthReporter health() {
                return health;
            }

            @Override
            public Session open(Peer peer, Replies replies) {
                sessions.incrementAndGet();
                return new LineSession(IngestEngine.this, transport, peer, access.withoutToken(transport),
                        new WireAnswers(replies, hubName, settings.maxMessageBytes()));
            }

            @Override
            public Submission submit(SubmissionRequest request) throws SubmissionRefusedException {
                return IngestEngine.this.submit(transport, request);
            }

            @Override
            public Listener listen(ListenAddress address, ConnectionReceiver receiver) throws IOException {
                return sockets.listen(transport, address, receiver);
            }

            @Override
            public Optional<Codec> codec(String name) {
                return codecs.apply(name);
            }

            @Override
            public Path resolve(String path) {
                return paths.apply(Path.of(path));
            }
        };
    }

    private Submission submit(ComponentId transport, SubmissionRequest request) throws SubmissionRefusedException {
        Grant grant = admit(transport, request);
        LineNumbers numbers = request.lines().map(LineNumbers::of).orElseGet(() -> LineNumbers.from(1));
        long next = numbers.first();
        ReceiptAnswers answers = new ReceiptAnswers(numbers, request.lines().isPresent() ? Receipt.MOST_REFUSALS_OF_NUMBERED
                : Receipt.MOST_REFUSALS);
        LineSession session = new LineSession(this, transport, request.peer(), Optional.of(grant), answers);
        Client client = request.lines().map(lines -> clients.client(lines.client(), next))
                .or(() -> request.key().map(key -> clients.client(SubmissionKeys.clientId(grant.name(), key), 1))).orElseGet(Client::passing);
        session.beginUnasked(client, numbers);
        if (request.lines().isEmpty()) {
            client.fence(session, next).ifPresent(LineSession::replaced);
            LineSession.endReplaced(client);
        } else if (!client.beginIfAlone(session, next)) {
            throw new SubmissionRefusedException(Reason.SUPERSEDED, "client " + client.id()
                    + " is connected itself: its lines come from there first, try again when it has gone", CLIENT_GONE);
        }
        return begun(session, answers);
    }

    private Submission begun(LineSession session, ReceiptAnswers answers) {
        sessions.incrementAndGet();
        return new LineSubmission(session, answers, backPressure);
    }

    /**
     * Begins to take messages of the hub's own, whatever tokens are wanted.
     *
     * @param lines whose client nobody else speaks for: whoever does is cut off
     */
    Submission submitOwn(ComponentId who, Peer peer, SubmissionRequest.NumberedLines lines) {
        LineNumbers numbers = LineNumbers.of(lines);
        ReceiptAnswers answers = new ReceiptAnswers(numbers, Receipt.MOST_REFUSALS_OF_NUMBERED);
        LineSession session = new LineSession(this, who, peer, Optional.of(access.ofTheHub()), answers);
        Client client = clients.client(lines.client(), numbers.first());
        session.beginUnasked(client, numbers);
        client.fence(session, numbers.first()).ifPresent(LineSession::replaced);
        LineSession.endReplaced(client);
        return begun(session, answers);
    }

    private Grant admit(ComponentId transport, SubmissionRequest request) throws SubmissionRefusedException {
        Grant grant;
        try {
            grant = access.admit(transport, request.token());
        } catch (NotAdmittedException refused) {
            countRefused(transport, request.peer(), new Refusal(RefusalCode.UNAUTHORIZED, refused.getMessage()), NOTHING, 0, 0);
            throw new SubmissionRefusedException(refused.isKnown() ? Reason.FORBIDDEN : Reason.UNAUTHORIZED, refused.getMessage(), Duration.ZERO);
        }
        Duration wait = grant.untilRoom();
        if (!wait.isZero()) {
            overRate.increment();
            throw new SubmissionRefusedException(Reason.OVERLOADED, "the token '" + grant.name() + "' has used up its rate: send less, or ask the"
                    + " hub's operator for more", wait);
        }
        return grant;
    }

    /** Figures for status and metrics. */
    public IngestStatistics statistics() {
        Map<String, Long> byCode = new TreeMap<>();
        refused.forEach((code, count) -> byCode.put(code, count.sum()));
        return new IngestStatistics(messages.sum(), bytes.sum(), byCode, duplicates.sum(), backPressure.pendingBytes(), sessions.get(),
                clients.size(), backPressure.pauses(), lost.get(), access.lines(), overRate.sum(), appends.snapshot());
    }

    /** How many messages have become entries through a transport since the hub started. */
    public long messagesOf(ComponentId transport) {
        LongAdder count = byTransport.get(transport);
        return count == null ? 0 : count.sum();
    }

    Log log() {
        return log;
    }

    IngestSettings settings() {
        return settings;
    }

    Clock clock() {
        return clock;
    }

    FrameBuffers buffers() {
        return buffers;
    }

    BackPressure backPressure() {
        return backPressure;
    }

    Clients clients() {
        return clients;
    }

    Access access() {
        return access;
    }

    /** Whether one more session may compress; {@link #inflatingEnded} gives its place back. */
    boolean mayInflate() {
        if (inflating.incrementAndGet() <= MOST_INFLATING) {
            return true;
        }
        inflating.decrementAndGet();
        return false;
    }

    void inflatingEnded() {
        inflating.decrementAndGet();
    }

    /** Lets a session go on with what it has, on a thread that is nobody else's. */
    void goOnLater(LineSession session) {
        try {
            inflater.execute(() -> {
                try {
                    session.goOn();
                } catch (RuntimeException fault) { // nobody above would end the session, and its peer would wait for ever
                    LOG.error("{}: the session of {} is ended by a fault of the hub: please report it", session.transport(), session.peer(), fault);
                    session.cutOff("a fault of the hub");
                }
            });
        } catch (RejectedExecutionException stopping) {
            LOG.debug("{}: {} is not read on: the hub stops", session.transport(), session.peer());
        }
    }

    /** Takes nothing more of what waits compressed. To be called after the last session has ended. */
    @Override
    public void close() {
        inflater.shutdownNow();
    }

    DecodingPass borrowPass() {
        DecodingPass idle = idlePasses.pollLast();
        return idle != null ? idle : new DecodingPass(this, new ProtocolLimits(settings.maxMessageBytes(), ProtocolLimits.VERSION_1.maxDepth()));
    }

    void giveBack(DecodingPass pass) {
        if (idlePasses.size() < MOST_IDLE_PASSES) {
            idlePasses.addLast(pass);
        }
    }

    void countAppended(ComponentId transport, int entries, long size, long tookNanos) {
        messages.add(entries);
        bytes.add(size);
        byTransport.computeIfAbsent(transport, any -> new LongAdder()).add(entries);
        appends.record(tookNanos);
    }

    /** Messages were received and could not be stored; the client is not told unless it asked for acknowledgements. */
    void countLost(int entries, IOException cause) {
        if (lost.getAndAdd(entries) == 0) {
            LOG.error("received messages could not be stored: {}. Clients that asked for acknowledgements send them again, those of others"
                    + " are lost; hub:status counts them", cause.getMessage());
        }
    }

    void countDuplicate() {
        duplicates.increment();
    }

    void countOverRate() {
        overRate.increment();
    }

    void countRefused(LineSession session, Refusal refusal, byte[] line, int from, int to) {
        countRefused(session.transport(), session.peer(), refusal, line, from, to);
    }

    private void countRefused(ComponentId transport, Peer peer, Refusal refusal, byte[] line, int from, int to) {
        refused.computeIfAbsent(refusal.code().word(), code -> new LongAdder()).increment();
        refusals.refused(transport, peer, refusal, line, from, to);
    }

    void countEnded() {
        sessions.decrementAndGet();
    }
}
