package io.monitoringhub.correlation;

import io.monitoringhub.entries.ChunkBuilder;
import io.monitoringhub.log.Append;
import io.monitoringhub.log.Cursors;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogStatistics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A log in memory: every frame is durable when it was added, or when the test says so. */
final class FakeLog implements Log {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Frame> frames = new ArrayList<>();
    private long start;
    private long end;
    private long durable;
    private boolean holdsBack;
    private int failures;
    private boolean broken;

    /** Frames are not durable until {@link #release}. */
    void holdBack() {
        locked(() -> holdsBack = true);
    }

    void release() {
        locked(() -> {
            holdsBack = false;
            durable = end;
        });
    }

    void failNextReads(int count) {
        locked(() -> failures = count);
    }

    /** Reads end with an exception that nobody expects. */
    void breakReads() {
        locked(() -> broken = true);
    }

    void dropBefore(long offset) {
        locked(() -> {
            frames.removeIf(frame -> frame.nextOffset() <= offset);
            start = offset;
        });
    }

    void add(ChunkBuilder chunk, byte[] bytes) {
        ByteBuffer payload = ByteBuffer.allocate(chunk.encodedBytes());
        chunk.encode(bytes, payload);
        addPayload(payload.flip(), chunk.count());
    }

    void addPayload(ByteBuffer payload, int count) {
        locked(() -> {
            frames.add(new Frame(end, count, 0, payload.asReadOnlyBuffer()));
            end += count;
            durable = holdsBack ? durable : end;
        });
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String id() {
        return "fake";
    }

    @Override
    public long startOffset() {
        return start;
    }

    @Override
    public long endOffset() {
        lock.lock();
        try {
            return end;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long durableOffset() {
        lock.lock();
        try {
            return durable;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void append(Append frame) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long pendingBytes() {
        return 0;
    }

    @Override
    public LogReader reader(long offset) {
        return new Reader(offset);
    }

    @Override
    public OptionalLong offsetAt(long unixMillis) {
        return OptionalLong.empty();
    }

    @Override
    public long bytesBehind(long offset) {
        throw new UnsupportedOperationException("the correlator counts entries");
    }

    @Override
    public Cursors cursors() {
        throw new UnsupportedOperationException("the correlator keeps no cursor");
    }

    @Override
    public LogStatistics statistics() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
    }

    private final class Reader implements LogReader {

        private long position;
        private boolean woken;

        private Reader(long offset) {
            position = offset;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public void seek(long offset) {
            position = offset;
        }

        @Override
        public List<Frame> read(int maxBytes) throws IOException {
            lock.lock();
            try {
                if (failures > 0) {
                    failures--;
                    throw new IOException("disk gone");
                }
                if (broken) {
                    throw new IllegalStateException("log is closed");
                }
                List<Frame> read = new ArrayList<>();
                int bytes = 0;
                for (Frame frame : frames) {
                    if (frame.nextOffset() > position && frame.nextOffset() <= durable
                            && (read.isEmpty() || bytes + frame.payload().remaining() <= maxBytes)) {
                        bytes += frame.payload().remaining();
                        read.add(frame);
                    } else if (!read.isEmpty()) {
                        break;
                    }
                }
                position = read.isEmpty() ? position : read.get(read.size() - 1).nextOffset();
                return read;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean await(Duration limit) throws InterruptedException {
            lock.lock();
            try {
                long left = limit.toNanos();
                while (durable <= position && !woken && left > 0) {
                    left = changed.awaitNanos(left);
                }
                boolean there = durable > position;
                woken = false;
                return there;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void wakeUp() {
            locked(() -> woken = true);
        }

        @Override
        public void close() {
        }
    }
}
