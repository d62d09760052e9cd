package io.monitoringhub.delivery;

import io.monitoringhub.log.Append;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.Cursors;
import io.monitoringhub.log.Durations;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogStatistics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A log in memory that keeps the contract of {@link Log}; frames are durable at once. Tells what readers and cursors did. */
final class MemoryLog implements Log {

    private final TreeMap<Long, Frame> frames = new TreeMap<>();
    private final Map<String, MemoryCursor> cursors = new ConcurrentHashMap<>();
    private long start;
    private long end;
    volatile int maxReadBytes;
    volatile int openReaders;
    volatile int cursorFailures;
    /** The next commit of exactly this position fails. */
    volatile long refusedCommit = -1;

    /** Frames of one message each would be dear: a frame a call. */
    synchronized long append(ByteBuffer payload, int count, long appendedAt) {
        long base = end;
        frames.put(base, new Frame(base, count, appendedAt, payload.asReadOnlyBuffer()));
        end += count;
        notifyAll();
        return base;
    }

    /** Loses the frame that holds this offset. */
    synchronized void lose(long offset) {
        frames.remove(frames.floorKey(offset));
    }

    /** Retention: forgets whole frames below the offset. */
    synchronized void truncate(long offset) {
        frames.headMap(offset).entrySet().removeIf(each -> each.getValue().nextOffset() <= offset);
        start = frames.isEmpty() ? end : frames.firstKey();
    }

    @Override
    public String id() {
        return "log-1";
    }

    @Override
    public synchronized long startOffset() {
        return start;
    }

    @Override
    public synchronized long endOffset() {
        return end;
    }

    @Override
    public synchronized long durableOffset() {
        return end;
    }

    @Override
    public void append(Append frame) {
        frame.durable(append(frame.payload(), frame.count(), 0));
    }

    @Override
    public long pendingBytes() {
        return 0;
    }

    @Override
    public synchronized LogReader reader(long offset) {
        openReaders++;
        return new Reader(Math.max(offset, start));
    }

    @Override
    public OptionalLong offsetAt(long unixMillis) {
        synchronized (this) {
            return frames.values().stream().filter(frame -> frame.appendedAt() >= unixMillis).mapToLong(Frame::baseOffset).findFirst();
        }
    }

    @Override
    public synchronized long bytesBehind(long offset) {
        return frames.values().stream().filter(frame -> frame.nextOffset() > offset).mapToLong(frame -> frame.payload().remaining()).sum();
    }

    @Override
    public Cursors cursors() {
        return new Cursors() {
            @Override
            public Cursor open(String name, long initial) {
                return cursors.computeIfAbsent(name, key -> new MemoryCursor(key, initial));
            }

            @Override
            public Optional<Cursor> find(String name) {
                return Optional.ofNullable(cursors.get(name));
            }

            @Override
            public List<Cursor> all() {
                return cursors.values().stream().sorted(Comparator.comparing(MemoryCursor::name)).map(each -> (Cursor) each).toList();
            }

            @Override
            public void drop(String name) {
                cursors.remove(name);
            }
        };
    }

    @Override
    public LogStatistics statistics() {
        return new LogStatistics(0, 1, 0, end, 0, Durations.Snapshot.NONE, 0, 0, "ok");
    }

    @Override
    public void close() {
    }

    /** Like the real one, a reader overwrites the memory that it handed out when it is called again. */
    private final class Reader implements LogReader {

        private final List<ByteBuffer> handedOut = new ArrayList<>();
        private long position;
        private boolean isWoken;

        private Reader(long position) {
            this.position = position;
        }

        @Override
        public long position() {
            invalidate();
            return position;
        }

        @Override
        public void seek(long offset) {
            invalidate();
            position = Math.max(offset, startOffset());
        }

        @Override
        public List<Frame> read(int maxBytes) {
            invalidate();
            synchronized (MemoryLog.this) {
                List<Frame> found = new ArrayList<>();
                int bytes = 0;
                Long from = frames.floorKey(position);
                if (from == null || frames.get(from).nextOffset() <= position) {
                    from = frames.higherKey(position);
                }
                for (Frame frame : from == null ? List.<Frame>of() : frames.tailMap(from).values()) {
                    if (bytes + frame.payload().remaining() > maxBytes && !found.isEmpty()) {
                        break;
                    }
                    bytes += frame.payload().remaining();
                    found.add(new Frame(frame.baseOffset(), frame.count(), frame.appendedAt(), copy(frame.payload())));
                    position = frame.nextOffset();
                }
                maxReadBytes = Math.max(maxReadBytes, bytes);
                return found;
            }
        }

        private ByteBuffer copy(ByteBuffer payload) {
            ByteBuffer own = ByteBuffer.allocate(payload.remaining()).put(payload.duplicate()).flip();
            handedOut.add(own);
            return own.asReadOnlyBuffer();
        }

        private void invalidate() {
            handedOut.forEach(each -> Arrays.fill(each.array(), (byte) 0xEE));
            handedOut.clear();
        }

        @Override
        public boolean await(Duration limit) throws InterruptedException {
            invalidate();
            synchronized (MemoryLog.this) {
                long until = System.nanoTime() + limit.toNanos();
                while (end <= position && !isWoken && until - System.nanoTime() > 0) {
                    MemoryLog.this.wait(Math.max(1, (until - System.nanoTime()) / 1_000_000));
                }
                isWoken = false;
                return end > position;
            }
        }

        @Override
        public void wakeUp() {
            synchronized (MemoryLog.this) {
                isWoken = true;
                MemoryLog.this.notifyAll();
            }
        }

        @Override
        public void close() {
            synchronized (MemoryLog.this) {
                openReaders--;
            }
        }
    }

    final class MemoryCursor implements Cursor {

        private final String name;
        private long position;
        private byte[] state = {};
        private int commits;

        private MemoryCursor(String name, long position) {
            this.name = name;
            this.position = position;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public synchronized long position() {
            return position;
        }

        @Override
        public synchronized byte[] state() {
            return state.clone();
        }

        synchronized int commits() {
            return commits;
        }

        @Override
        public synchronized void commit(long next, byte[] newState) throws IOException {
            if (next < position || next > durableOffset()) {
                throw new IllegalArgumentException("commit of " + next + " at " + position);
            }
            if (cursorFailures > 0 || next == refusedCommit) {
                cursorFailures = Math.max(0, cursorFailures - 1);
                refusedCommit = -1;
                throw new IOException("no space left on device");
            }
            position = next;
            state = newState.clone();
            commits++;
        }

        @Override
        public synchronized void move(long next) {
            position = next;
        }
    }
}
