package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.body.Body;
import io.monitoringhub.plugin.http.server.Problem;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request from its headers to its answer. No thread is held while bytes are on their way, nor while the disk is waited for: only to
 * decode. Called by the server's threads, one at a time for reading, and by the one that looks for slow uploads.
 */
final class Upload implements ReadListener, AsyncListener {

    private static final Logger LOG = LoggerFactory.getLogger(Upload.class);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final IngestPoint point;
    private final RequestHead head;
    private final AsyncContext context;
    private final ServletInputStream in;
    private final Body body = new Body();
    private final long began = System.nanoTime();
    private final AtomicBoolean isAnswered = new AtomicBoolean();
    private final Object memory = new Object();
    private long reserved;
    private boolean hasEnded;
    private volatile long received;
    private volatile boolean isComplete;

    Upload(IngestPoint point, RequestHead head, AsyncContext context, ServletInputStream in) {
        this.point = point;
        this.head = head;
        this.context = context;
        this.in = in;
    }

    void begin() {
        context.setTimeout(point.limits().timeout().toMillis());
        context.addListener(this);
        point.began(this);
        in.setReadListener(this);
    }

    @Override
    public void onDataAvailable() throws IOException {
        while (!isAnswered.get() && in.isReady() && !in.isFinished()) {
            byte[] piece = body.piece();
            if (!reserve(piece.length)) {
                return;
            }
            int count = in.read(piece, piece.length - body.room(), body.room());
            if (count < 0) {
                return;
            }
            body.wrote(count);
            received = body.length();
            if (received > point.limits().maxBytes()) {
                fail(Problems.tooLarge(point.limits().maxBytes()));
            }
        }
    }

    /** Takes memory for a new piece. */
    private boolean reserve(int pieceLength) {
        if (body.room() < pieceLength) {
            return true;
        }
        synchronized (memory) {
            if (hasEnded) {
                return false;
            }
            if (point.budget().take(pieceLength)) {
                reserved += pieceLength;
                return true;
            }
        }
        fail(Problems.noMemory());
        return false;
    }

    /** Whoever ends it, and whenever: nothing is taken afterwards, and all is given back once. */
    private void release() {
        synchronized (memory) {
            if (!hasEnded) {
                hasEnded = true;
                point.budget().giveBack(reserved);
            }
        }
    }

    @Override
    public void onAllDataRead() {
        isComplete = true;
        if (isAnswered.get()) {
            return;
        }
        try {
            new Storing(point, head, body).store().whenComplete((answer, fault) -> context.start(() -> answer(fault == null ? answer
                    : fault(fault))));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            fail(Problems.swapping());
        } catch (RuntimeException fault) { // a request's fault must not end the connection of others
            answer(fault(fault));
        }
    }

    private Answer fault(Throwable fault) {
        LOG.error("{}: a fault of the HTTP transport: please report it", point.ingest().id(), fault);
        return Answer.of(Problems.fault());
    }

    /** The connection broke, or the request ended before its time. */
    @Override
    public void onError(Throwable cause) {
        LOG.debug("{}: {} did not send all of its request: {}", point.ingest().id(), head.peer(), cause.toString());
        if (!isComplete && point.isTimeUp()) {
            fail(Problems.swapping());
            return;
        }
        boolean isTooSlow = cause instanceof TimeoutException || cause.getCause() instanceof TimeoutException;
        fail(isComplete || isTooSlow ? Problems.timedOut() : Problems.brokenOff());
    }

    void endIfSlow(long now) {
        long elapsed = now - began;
        int rate = point.limits().minRate();
        if (!isComplete && rate > 0 && elapsed > PATIENCE_NANOS && received < elapsed / 1e9 * rate) {
            fail(Problems.tooSlow(rate));
        }
    }

    private void fail(Problem problem) {
        answer(Answer.of(problem));
    }

    private void answer(Answer answer) {
        if (!isAnswered.compareAndSet(false, true)) {
            return;
        }
        point.ended(this);
        if (!answer.code().isEmpty()) {
            point.refusals().count(answer.code(), head.peer() + " was answered " + answer.status() + ": " + answer.json().strip());
        }
        try {
            HttpServletResponse response = (HttpServletResponse) context.getResponse();
            if (!isComplete) {
                // The rest of the body is not wanted, so the connection can't be used again.
                response.setHeader("Connection", "close");
            }
            IngestServlet.write(response, answer);
        } catch (IOException | IllegalStateException gone) {
            LOG.debug("{}: {} had gone before its answer", point.ingest().id(), head.peer());
        } finally {
            complete();
        }
    }

    private void complete() {
        try {
            context.complete();
        } catch (IllegalStateException already) {
            LOG.debug("{}: a request was complete already", point.ingest().id());
        }
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        fail(isComplete ? Problems.notStoredInTime() : Problems.timedOut());
    }

    @Override
    public void onComplete(AsyncEvent event) {
        isAnswered.set(true);
        point.ended(this);
        release();
    }

    @Override
    public void onError(AsyncEvent event) {
        LOG.debug("{}: a request of {} broke: {}", point.ingest().id(), head.peer(), String.valueOf(event.getThrowable()));
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Only once, by us.
    }
}
