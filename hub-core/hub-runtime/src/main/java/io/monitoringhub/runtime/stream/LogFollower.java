package io.monitoringhub.runtime.stream;

import io.monitoringhub.entries.Chunk;
import io.monitoringhub.entries.ChunkFormatException;
import io.monitoringhub.entries.SourceNames;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Reads the log from a place on, at its own pace and with a reader of its own: nobody waits for it, and what retention takes from it, it says.
 *
 * <p>Used by one thread at a time, but for {@link #wakeUp}.
 */
public final class LogFollower implements AutoCloseable {

    private static final int READ_BYTES = 1 << 18;
    /** Of a core, while there is much to read: ingest and delivery come first. */
    private static final int PAUSES_FOR_EACH_TURN = 3;

    /** Gets what was found. */
    public interface Visitor {

        /** One that was asked for. */
        void entry(LogEntry entry) throws IOException;

        /** The log does not hold these any more: from the one offset to below the other. */
        void gap(long from, long to) throws IOException;
    }

    private final Log log;
    private final EntryFilter filter;
    private final LogReader reader;
    private final SourceNames names = new SourceNames();
    private final CountDownLatch woken = new CountDownLatch(1);
    private long position;
    private long tookNanos;

    /**
     * @param from the first offset; one that is behind the end means the end
     * @throws IOException when the log can't be read
     */
    public LogFollower(Log log, long from, EntryFilter filter) throws IOException {
        this.log = log;
        this.filter = filter;
        this.position = Math.min(from, log.durableOffset());
        this.reader = log.reader(position);
    }

    /** The offset of the next entry that it looks at. */
    public long position() {
        return position;
    }

    /**
     * Shows what is there now, or some of it.
     *
     * @return whether there was anything, wanted or not
     * @throws IOException when the log can't be read, or as the visitor says
     */
    public boolean read(Visitor visitor) throws IOException {
        long begin = System.nanoTime();
        boolean isAny = false;
        for (Frame frame : reader.read(READ_BYTES)) {
            isAny = true;
            read(frame, visitor);
        }
        tookNanos = System.nanoTime() - begin;
        return isAny;
    }

    private void read(Frame frame, Visitor visitor) throws IOException {
        if (frame.baseOffset() > position) {
            visitor.gap(position, frame.baseOffset());
            position = frame.baseOffset();
        }
        Chunk chunk;
        try {
            chunk = Chunk.of(frame.payload(), names);
        } catch (ChunkFormatException newer) {
            visitor.gap(position, frame.nextOffset());
            position = frame.nextOffset();
            return;
        }
        for (int entry = (int) (position - frame.baseOffset()); entry < chunk.count(); entry++) {
            show(chunk, entry, frame.baseOffset() + entry, visitor);
            position = frame.baseOffset() + entry + 1;
        }
    }

    private void show(Chunk chunk, int entry, long offset, Visitor visitor) throws IOException {
        MessageType type;
        try {
            type = chunk.type(entry);
        } catch (IndexOutOfBoundsException ofNewerHub) {
            visitor.gap(offset, offset + 1);
            return;
        }
        Optional<Level> level = chunk.level(entry);
        String source = chunk.source(entry);
        if (filter.mayHold(source, type, level)) {
            String message = StandardCharsets.UTF_8.decode(chunk.message(entry)).toString();
            if (filter.holds(message)) {
                visitor.entry(new LogEntry(offset, source, type, level, chunk.timestamp(entry), message));
            }
        }
    }

    /**
     * Waits for more; while there is more already, for as long as its share of the machine demands.
     *
     * @return whether there is more
     */
    public boolean await(Duration atMost) throws InterruptedException {
        if (position < log.durableOffset()) {
            woken.await(Math.min(tookNanos * PAUSES_FOR_EACH_TURN, atMost.toNanos()), TimeUnit.NANOSECONDS);
            return true;
        }
        return reader.await(atMost);
    }

    /** Ends an {@link #await} that is under way, or the next one: it is to end. From any thread. */
    public void wakeUp() {
        woken.countDown();
        reader.wakeUp();
    }

    @Override
    public void close() {
        reader.close();
    }
}
