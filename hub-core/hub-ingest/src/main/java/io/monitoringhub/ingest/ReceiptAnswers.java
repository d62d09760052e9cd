package io.monitoringhub.ingest;

import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRefusedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Collects what became of the lines of one submission into one receipt. Thread-safe. */
final class ReceiptAnswers implements Answers {

    private static final long NOT_FINISHED = -1;

    private final CompletableFuture<Receipt> receipt = new CompletableFuture<>();
    private final Object lock = new Object();
    private final List<Receipt.Refused> refusals = new ArrayList<>();
    /** The number before that of the first line. */
    private final long before;
    private long refused;
    private long known;
    private long acknowledged;
    private long last = NOT_FINISHED;
    private long resumes;

    /** @param next the number of the first line */
    ReceiptAnswers(long next) {
        before = next - 1;
        acknowledged = before;
    }

    CompletableFuture<Receipt> receipt() {
        return receipt;
    }

    @Override
    public void welcome(long settled, Optional<String> compress) {
        // Nobody has asked.
    }

    @Override
    public void refused(long number, Refusal refusal) {
        synchronized (lock) {
            refused++;
            if (refusals.size() < Receipt.MOST_REFUSALS) {
                refusals.add(new Receipt.Refused(number - before, refusal.code().word(), refusal.reason()));
            }
        }
    }

    @Override
    public void known() {
        synchronized (lock) {
            known++;
        }
    }

    @Override
    public void acknowledge(long number) {
        synchronized (lock) {
            acknowledged = Math.max(acknowledged, number);
        }
        completeIfSettled();
    }

    /** No more lines will come. @param lastNumber the number of the last one, that before the first if there was none */
    void finished(long lastNumber) {
        synchronized (lock) {
            last = lastNumber;
        }
        completeIfSettled();
    }

    private void completeIfSettled() {
        Receipt whole;
        synchronized (lock) {
            if (last == NOT_FINISHED || acknowledged < last) {
                return;
            }
            whole = new Receipt(last - before - known - refused, known, refused, refusals);
        }
        // Outside of the lock: whoever waits for it goes on here.
        receipt.complete(whole);
    }

    @Override
    public void cutOff(Refusal refusal) {
        Reason reason = refusal.code() == RefusalCode.FENCED ? Reason.SUPERSEDED : Reason.FORBIDDEN;
        receipt.completeExceptionally(new SubmissionRefusedException(reason, refusal.reason(), Duration.ZERO));
    }

    @Override
    public void cutOff(String reason) {
        receipt.completeExceptionally(new IOException(reason));
    }

    @Override
    public void resume() {
        synchronized (lock) {
            resumes++;
            lock.notifyAll();
        }
    }

    /** How often the peer was told to go on; to be asked before the question whether it may. */
    long resumes() {
        synchronized (lock) {
            return resumes;
        }
    }

    /** Waits for one more {@link #resume}. @return whether it came in time */
    boolean awaitResume(long after, Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        synchronized (lock) {
            for (long left = until - System.nanoTime(); resumes == after && left > 0; left = until - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
            return resumes != after;
        }
    }
}
