package io.monitoringhub.correlation.merge;

import io.monitoringhub.correlation.follow.LogThread;
import io.monitoringhub.entries.Chunk;
import io.monitoringhub.entries.ChunkFormatException;
import io.monitoringhub.entries.SourceNames;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.spi.MessageType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log and adds one message for each span that is complete.
 *
 * <p>A merged span has a number that follows from where in the log its span was completed, so what was stored already is stored no second
 * time. After a restart it reads some entries from before the place where it was, to know again which halves wait: whose other half is further
 * back is not merged. It skips nothing, however far behind; only retention can take from it what it has not seen.
 *
 * <p>Thread-safe. The thread {@code hub-span-merger} belongs to it, from {@link #start} to {@link #close}.
 */
public final class SpanMerger implements AutoCloseable {

    /** The name of its thread. */
    public static final String THREAD_NAME = "hub-span-merger";

    private static final Logger LOGGER = LoggerFactory.getLogger(SpanMerger.class);
    private static final int READ_BYTES = 1 << 18;
    private static final int MOST_SPANS = 100_000;
    private static final long MOST_BYTES = 16L << 20;

    private final Log log;
    private final MergedSpans target;
    private final long rebuild;
    private final SpanPairs pairs = new SpanPairs(MOST_SPANS, MOST_BYTES);
    private final SpanMessage.Reader messages = new SpanMessage.Reader();
    private final SourceNames names = new SourceNames();
    private final LogThread thread;
    private final List<Long> numbers = new ArrayList<>();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private long settled;
    private long position;

    private final LongAdder merged = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder missing = new LongAdder();
    /** Up to where everything that was read is stored: never ahead of it, for who waits for the merger reads the log then. */
    private volatile long done;
    private volatile int waiting;
    private volatile long givenUp;

    /**
     * @param log where the halves are; must stay open until this is closed
     * @param rebuild how many entries from before the place where it was it reads again at start
     */
    public SpanMerger(Log log, MergedSpans target, long rebuild) {
        this.log = Objects.requireNonNull(log, "log");
        this.target = Objects.requireNonNull(target, "target");
        this.rebuild = rebuild;
        thread = new LogThread(THREAD_NAME, log, new Following());
    }

    /** Begins to follow the log; once. */
    public void start() {
        settled = target.settled();
        position = Math.max(log.startOffset(), settled - rebuild);
        done = position;
        thread.start();
    }

    /** Ends the thread and waits for it; what was being stored goes on at the next start. Idempotent. */
    @Override
    public void close() {
        thread.close();
    }

    /** Figures for status and metrics. */
    public MergerStatus status() {
        long at = done;
        return new MergerStatus(thread.condition(), at, Math.max(0, log.durableOffset() - at), merged.sum(), refused.sum(), waiting, givenUp,
                missing.sum());
    }

    private void readAll(LogReader opened) throws IOException, InterruptedException {
        while (!thread.isClosing()) {
            List<Frame> frames = opened.read(READ_BYTES);
            thread.works();
            if (frames.isEmpty()) {
                opened.await(LogThread.IDLE);
                continue;
            }
            long begin = System.nanoTime();
            frames.forEach(this::take);
            if (store()) {
                settle();
                leaveTheRestToOthers(System.nanoTime() - begin);
            }
        }
    }

    private void settle() {
        waiting = pairs.waiting();
        givenUp = pairs.givenUp();
        done = position;
        if (position > settled) {
            settled = position;
            target.settle(settled);
        }
    }

    /** Ingest and delivery come first: while it is behind it takes half of a core. */
    private void leaveTheRestToOthers(long worked) throws InterruptedException {
        if (position < log.durableOffset()) {
            thread.rest(worked);
        }
    }

    private void take(Frame frame) {
        if (frame.baseOffset() > position) {
            missing.add(frame.baseOffset() - position);
        }
        int from = (int) Math.max(0, position - frame.baseOffset());
        try {
            take(Chunk.of(frame.payload(), names), from, frame.baseOffset());
        } catch (ChunkFormatException newer) {
            missing.add(frame.count() - from);
            LOGGER.debug("cannot read the frame at offset {}: spans in it are not merged", frame.baseOffset(), newer);
        }
        position = frame.nextOffset();
    }

    private void take(Chunk chunk, int from, long baseOffset) {
        for (int entry = from; entry < chunk.count(); entry++) {
            if (isSpan(chunk, entry)) {
                merge(chunk, entry, baseOffset + entry);
            }
        }
    }

    private static boolean isSpan(Chunk chunk, int entry) {
        try {
            return chunk.type(entry) == MessageType.SPAN;
        } catch (IndexOutOfBoundsException typeOfNewerHub) {
            return false;
        }
    }

    private void merge(Chunk chunk, int entry, long offset) {
        ByteBuffer view = chunk.message(entry);
        byte[] message = new byte[view.remaining()];
        view.get(message);
        try {
            Optional<String> whole = pairs.add(messages.read(message, chunk.timestamp(entry)));
            if (whole.isPresent() && offset >= settled) {
                numbers.add(offset + 1);
                lines.writeBytes(whole.get().getBytes(StandardCharsets.UTF_8));
                lines.write('\n');
            }
        } catch (IOException malformed) {
            LOGGER.debug("the span at offset {} is not merged: {}", offset, malformed.toString());
        }
    }

    /** Stores what was collected, however often that takes. @return {@code false} when it is to end before */
    private boolean store() throws InterruptedException {
        while (!numbers.isEmpty()) {
            if (thread.isClosing()) {
                return false;
            }
            try {
                long notStored = target.store(numbers.get(0), runs(), ByteBuffer.wrap(lines.toByteArray()));
                merged.add(numbers.size() - notStored);
                refused.add(notStored);
                numbers.clear();
                lines.reset();
            } catch (IOException e) {
                failed("cannot store merged spans", e);
            }
        }
        return true;
    }

    private List<Long> runs() {
        List<Long> runs = new ArrayList<>();
        long run = 1;
        for (int i = 1; i < numbers.size(); i++) {
            long gap = numbers.get(i) - numbers.get(i - 1) - 1;
            if (gap > 0) {
                runs.add(run);
                runs.add(gap);
                run = 0;
            }
            run++;
        }
        runs.add(run);
        return runs;
    }

    private void failed(String what, IOException cause) throws InterruptedException {
        thread.failed(what, cause, () -> LOGGER.warn("{}: no span is merged until that is better; none is left out", what, cause));
    }

    private final class Following implements LogThread.Follower {

        @Override
        public long position() {
            return position;
        }

        @Override
        public void readAll(LogReader reader) throws IOException, InterruptedException {
            SpanMerger.this.readAll(reader);
        }

        @Override
        public void cannotRead(IOException cause) throws InterruptedException {
            failed("cannot read the log at offset " + position, cause);
        }

        @Override
        public void died(Throwable cause) {
            LOGGER.error("the merger of spans ended at offset {}: it goes on there when the hub is started again", position, cause);
        }
    }
}
