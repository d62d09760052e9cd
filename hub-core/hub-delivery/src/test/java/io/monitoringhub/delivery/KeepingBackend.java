package io.monitoringhub.delivery;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A backend like one that writes files: what was not flushed is lost with the instance, and open cuts the destination back to the length
 * in the committed state. So every entry is there exactly once if, and only if, the lane does everything right. Also checks the SPI's
 * promises: one call at a time, calls in order, offsets rising, both views of a batch equal.
 */
class KeepingBackend implements Backend {

    /** What is durable; outlives instances. */
    static final class Destination {
        private final List<Long> offsets = new ArrayList<>();

        synchronized List<Long> offsets() {
            return List.copyOf(offsets);
        }

        synchronized int size() {
            return offsets.size();
        }

        private synchronized void cut(int length) {
            offsets.subList(Math.min(length, offsets.size()), offsets.size()).clear();
        }

        private synchronized int add(List<Long> more) {
            offsets.addAll(more);
            return offsets.size();
        }
    }

    final Destination destination;
    final List<Long> unflushed = new ArrayList<>();
    volatile BatchLimits limits = new BatchLimits(100_000, 4 << 20, Duration.ZERO, Duration.ofMillis(20));
    volatile int opened;
    volatile int closed;
    volatile int writes;
    volatile int flushes;
    volatile int largest;
    volatile String broken = "";
    private volatile Thread inside;
    private volatile boolean isOpen;

    KeepingBackend(Destination destination) {
        this.destination = destination;
    }

    @Override
    public BatchLimits limits() {
        return limits;
    }

    @Override
    public long open(BackendContext context) throws DeliveryException, InterruptedException {
        opened++;
        must(!isOpen, "open twice");
        isOpen = true;
        unflushed.clear();
        byte[] state = context.state();
        destination.cut(state.length == 0 ? 0 : Integer.parseInt(new String(state, StandardCharsets.US_ASCII)));
        return context.committed();
    }

    @Override
    public final WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
        must(inside == null, "two calls at a time");
        inside = Thread.currentThread();
        try {
            must(isOpen, "write without open");
            writes++;
            largest = Math.max(largest, batch.size());
            check(batch);
            return take(batch);
        } finally {
            inside = null;
        }
    }

    /** Takes all; tests override it. */
    WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
        for (int i = 0; i < batch.size(); i++) {
            unflushed.add(batch.offset(i));
        }
        return WriteResult.allWritten();
    }

    @Override
    public Commit flush(long next) throws DeliveryException, InterruptedException {
        must(isOpen, "flush without open");
        flushes++;
        int length = destination.add(unflushed);
        unflushed.clear();
        return new Commit(next, Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() {
        isOpen = false;
        closed++;
        unflushed.clear();
    }

    private void check(Batch batch) {
        StringBuilder lines = new StringBuilder();
        long bytes = 0;
        long before = -1;
        for (int i = 0; i < batch.size(); i++) {
            String message = text(batch.message(i));
            must(Messages.offsetIn(message) == batch.offset(i), "entry " + batch.offset(i) + " is " + message);
            must(batch.offset(i) > before, "offsets do not rise at " + batch.offset(i));
            before = batch.offset(i);
            bytes += batch.length(i) + 1;
            lines.append(message).append('\n');
        }
        must(bytes == batch.bytes(), "bytes() is " + batch.bytes() + ", not " + bytes);
        must(batch.size() <= limits.maxEntries() && (bytes <= limits.maxBytes() || batch.size() == 1), "batch over its limits");
        StringBuilder runs = new StringBuilder();
        batch.lines(run -> runs.append(text(run)));
        must(lines.toString().contentEquals(runs), "lines() differs from message()");
    }

    final void must(boolean holds, String otherwise) {
        if (!holds) {
            broken = otherwise;
            throw new AssertionError(otherwise);
        }
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
