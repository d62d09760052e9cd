package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.monitoringhub.log.Append;
import io.monitoringhub.log.Log;

/** A frame whose outcome a test can wait for. Thread-safe. */
final class Appended implements Append {

    private final ByteBuffer payload;
    private final int count;
    private final CompletableFuture<Long> base = new CompletableFuture<>();

    Appended(ByteBuffer payload, int count) {
        this.payload = payload;
        this.count = count;
    }

    Appended(String payload, int count) {
        this(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)), count);
    }

    /** Gives a frame of one entry to the log. */
    static Appended to(Log log, String payload) {
        Appended frame = new Appended(payload, 1);
        log.append(frame);
        return frame;
    }

    @Override
    public ByteBuffer payload() {
        return payload;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public void durable(long baseOffset) {
        if (!base.complete(baseOffset)) {
            throw new IllegalStateException("settled twice");
        }
    }

    @Override
    public void failed(IOException cause) {
        if (!base.completeExceptionally(cause)) {
            throw new IllegalStateException("settled twice");
        }
    }

    boolean isSettled() {
        return base.isDone();
    }

    /** The base offset; an exception when it failed or takes too long. */
    long base() {
        try {
            return base.get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the frame did not become durable", e);
        }
    }

    /** Why it failed. */
    Throwable failure() {
        try {
            throw new AssertionError("durable at " + base.get(60, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("not settled", e);
        }
    }
}
