package io.monitoringhub.correlation;

import io.monitoringhub.correlation.follow.LogThread;
import io.monitoringhub.entries.Chunk;
import io.monitoringhub.entries.ChunkFormatException;
import io.monitoringhub.entries.SourceNames;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log and puts traces, spans and jobs together. It keeps no cursor: what it knows can be built again from the log.
 *
 * <h2>What it costs</h2>
 * Most entries are passed by a look at the chunk's index. Only spans and progress are read in full; of a traced event or metric only the
 * trace's id is. The log must never wait for this view, and no core be burnt for it. So it sheds load in two steps, both counted in
 * {@link #status()}, and takes no more than its share of a core while it is behind: more than half of the allowed lag behind, it stops counting events and metrics; further behind than allowed, it
 * jumps to a quarter of the allowed lag before the log's durable end, and the traces that it holds then are marked as incomplete.
 *
 * <p>Thread-safe. The thread {@code hub-correlator} belongs to it, from {@link #start} to {@link #close}.
 */
public final class Correlator implements AutoCloseable {

    /** The name of its thread. */
    public static final String THREAD_NAME = "hub-correlator";

    private static final Logger LOGGER = LoggerFactory.getLogger(Correlator.class);
    private static final int READ_BYTES = 1 << 18;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Log log;
    private final CorrelatorSettings settings;
    private final Clock clock;
    private final CorrelationTable table;
    private final LogThread thread;
    /** Told when the position has moved. */
    private final Object progress = new Object();

    private final SourceNames names = new SourceNames();
    private final MessageFields fields = new MessageFields();
    private final TraceIds traceIds = new TraceIds(fields);
    private byte[] message = new byte[1 << 12];
    private boolean countsMessages = true;

    private final LongAdder seen = new LongAdder();
    private final LongAdder parsed = new LongAdder();
    private final LongAdder malformed = new LongAdder();
    private final LongAdder unreadable = new LongAdder();
    private final LongAdder uncounted = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder missing = new LongAdder();
    private volatile long position;

    /**
     * @param log where the entries are; must stay open until this is closed
     * @param from the offset to begin at, for example some hundred thousand entries before the end
     * @param clock the one by which the log notes when entries came
     */
    public Correlator(Log log, long from, CorrelatorSettings settings, Clock clock) {
        this.log = Objects.requireNonNull(log, "log");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.clock = Objects.requireNonNull(clock, "clock");
        position = from;
        table = new CorrelationTable(settings);
        thread = new LogThread(THREAD_NAME, log, new Following());
    }

    /** Begins to follow the log; once. */
    public void start() {
        thread.start();
    }

    /** Ends the thread and waits for it. What is known can still be asked for. Idempotent. */
    @Override
    public void close() {
        thread.close();
    }

    /**
     * The trace with this id, or that of the job with this id. What is durable now is looked at first: who has just been told that a span is on
     * disk finds it there. That is waited for ten seconds at most: a busy machine may leave this thread no processor for two.
     *
     * @throws InterruptedException when the caller's thread is wanted back
     */
    public Optional<Trace> find(String id) throws InterruptedException {
        awaitDurable(PATIENCE);
        return trace(id).or(() -> traceOfJob(id));
    }

    /** The job with this id; what is durable now is looked at first, as {@link #find} does. */
    public Optional<Job> findJob(String id) throws InterruptedException {
        awaitDurable(PATIENCE);
        return job(id);
    }

    private void awaitDurable(Duration most) throws InterruptedException {
        long wanted = log.durableOffset();
        long end = System.nanoTime() + most.toNanos();
        synchronized (progress) {
            long left = most.toNanos();
            while (position < wanted && left > 0 && thread.isAlive()) {
                TimeUnit.NANOSECONDS.timedWait(progress, left);
                left = end - System.nanoTime();
            }
        }
    }

    /** The trace with this id, if it is known. */
    public Optional<Trace> trace(String id) {
        return table.trace(id);
    }

    /** The traces that were touched last, youngest first. */
    public List<TraceSummary> traces(int limit) {
        return table.traces(limit);
    }

    /** The job with this id, if it is known. */
    public Optional<Job> job(String id) {
        return table.job(id);
    }

    /** The jobs that were touched last, youngest first. */
    public List<Job> jobs(int limit) {
        return table.jobs(limit);
    }

    /** The jobs that belong to a trace, youngest first. */
    public List<Job> jobsOf(String traceId) {
        return table.jobsOf(traceId);
    }

    /** The trace that a job belongs to, if both are known. */
    public Optional<Trace> traceOfJob(String jobId) {
        return table.job(jobId).flatMap(Job::traceId).flatMap(table::trace);
    }

    /** Figures for status and metrics. */
    public CorrelatorStatus status() {
        CorrelationTable.Figures held = table.figures();
        long at = position;
        return new CorrelatorStatus(thread.condition(), at, Math.max(0, log.durableOffset() - at), held.traces(), held.spans(), held.jobs(),
                held.bytes(), seen.sum(), parsed.sum(), malformed.sum(), unreadable.sum(), uncounted.sum(), skipped.sum(),
                missing.sum(), held.evictedTraces(), held.evictedJobs(), held.droppedSpans());
    }

    private void readAll(LogReader opened) throws IOException, InterruptedException {
        while (!thread.isClosing()) {
            shedLoad(opened);
            table.forgetUntouchedSince(clock.millis() - settings.maxAge().toMillis());
            List<Frame> frames = opened.read(READ_BYTES);
            thread.works();
            if (frames.isEmpty()) {
                opened.await(LogThread.IDLE);
                continue;
            }
            long begin = System.nanoTime();
            for (Frame frame : frames) {
                take(frame);
            }
            position = opened.position();
            synchronized (progress) {
                progress.notifyAll();
            }
            leaveTheRestToOthers(System.nanoTime() - begin);
        }
    }

    /** Waits as long as the share demands after so much work; not when it has caught up. */
    private void leaveTheRestToOthers(long worked) throws InterruptedException {
        if (position < log.durableOffset()) {
            thread.rest((long) (worked * (1 / settings.maxShare() - 1)));
        }
    }

    private void shedLoad(LogReader opened) {
        long end = log.durableOffset();
        long lag = end - opened.position();
        if (lag > settings.maxLagEntries()) {
            long target = end - settings.maxLagEntries() / 4;
            skipped.add(target - opened.position());
            opened.seek(target);
            position = target;
            table.gap();
        }
        countsMessages = lag <= settings.maxLagEntries() / 2;
    }

    private void take(Frame frame) {
        if (frame.baseOffset() > position) {
            missing.add(frame.baseOffset() - position);
            table.gap();
        }
        int from = (int) Math.max(0, position - frame.baseOffset());
        table.receivedAt(frame.appendedAt());
        try {
            Chunk chunk = Chunk.of(frame.payload(), names);
            if (from < chunk.count()) {
                take(chunk, from);
                seen.add(chunk.count() - from);
            }
        } catch (ChunkFormatException | IndexOutOfBoundsException newer) {
            unreadable.increment();
            LOGGER.debug("cannot read the frame at offset {}: traces miss its entries", frame.baseOffset(), newer);
        }
        // last, so that who sees the position also sees what its entries said
        position = frame.nextOffset();
    }

    private void take(Chunk chunk, int from) {
        // one view of all messages: one for each would be garbage at a million messages a second
        ByteBuffer messages = chunk.lines(0, chunk.count());
        for (int entry = from; entry < chunk.count(); entry++) {
            MessageType type = chunk.type(entry);
            switch (type) {
                case SPAN, PROGRESS -> correlate(chunk, entry, type, messages);
                case EVENT, METRIC -> {
                    if (chunk.isTraced(entry)) {
                        count(chunk, entry, type, messages);
                    }
                }
                default -> {
                    // says nothing about traces or jobs
                }
            }
        }
    }

    private void count(Chunk chunk, int entry, MessageType type, ByteBuffer messages) {
        if (countsMessages) {
            correlate(chunk, entry, type, messages);
        } else {
            uncounted.increment();
        }
    }

    private void correlate(Chunk chunk, int entry, MessageType type, ByteBuffer messages) {
        parsed.increment();
        try {
            if (!correlate(chunk, entry, type, copy(chunk, entry, messages))) {
                malformed.increment();
            }
        } catch (IOException e) {
            malformed.increment();
        }
    }

    private boolean correlate(Chunk chunk, int entry, MessageType type, int length) throws IOException {
        String source = chunk.source(entry);
        long time = MessageFields.usable(chunk.timestamp(entry));
        return switch (type) {
            case SPAN -> span(source, time, length);
            case PROGRESS -> progress(source, time, length, chunk.isTraced(entry));
            case EVENT -> event(source, time, length, chunk.level(entry).orElse(Level.INFO));
            default -> metric(source, time, length);
        };
    }

    private boolean span(String source, long time, int length) throws IOException {
        boolean usable = fields.readSpan(message, length);
        // a merged one says what its halves have said
        if (usable && !fields.isMerged()) {
            table.span(fields, source, time);
        }
        return usable;
    }

    private boolean progress(String source, long time, int length, boolean traced) throws IOException {
        boolean usable = fields.readProgress(message, length, traced);
        if (usable) {
            table.progress(fields, source, time);
        }
        return usable;
    }

    private boolean event(String source, long time, int length, Level level) throws IOException {
        String traceId = traceIds.of(message, length);
        if (!traceId.isEmpty()) {
            table.event(traceId, source, time, level);
        }
        return !traceId.isEmpty();
    }

    private boolean metric(String source, long time, int length) throws IOException {
        String traceId = traceIds.of(message, length);
        if (!traceId.isEmpty()) {
            table.metric(traceId, source, time);
        }
        return !traceId.isEmpty();
    }

    /** @return the length of the message that lies in {@link #message} now */
    private int copy(Chunk chunk, int entry, ByteBuffer messages) {
        int start = chunk.start(entry);
        int length = chunk.end(entry) - 1 - start;
        if (length > message.length) {
            message = new byte[Math.max(length, message.length * 2)];
        }
        messages.get(start - chunk.start(0), message, 0, length);
        return length;
    }

    private final class Following implements LogThread.Follower {

        @Override
        public long position() {
            return position;
        }

        @Override
        public void readAll(LogReader reader) throws IOException, InterruptedException {
            Correlator.this.readAll(reader);
        }

        @Override
        public void cannotRead(IOException cause) throws InterruptedException {
            thread.failed("cannot read the log", cause,
                    () -> LOGGER.warn("cannot read the log at offset {}: traces and jobs stand still until it can be read", position, cause));
        }

        @Override
        public void died(Throwable cause) {
            LOGGER.error("the correlator ended at offset {}: traces and jobs stand still until the hub is started again", position, cause);
        }
    }
}
