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
    private final LineNumbers numbers;
    private final int mostRefusals;
    private long refused;
    private long known;
    private long acknowledged;
    private long last = NOT_FINISHED;
    private long resumes;

    /** @param mostRefusals how many are told one by one */
    ReceiptAnswers(LineNumbers numbers, int mostRefusals) {
        this.numbers = numbers;
        this.mostRefusals = mostRefusals;
        acknowledged = numbers.first() - 1;
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
            if (refusals.size() < mostRefusals) {
                refusals.add(new Receipt.Refused(numbers.place(number), refusal.code().word(), refusal.reason()));
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
            whole = new Receipt(numbers.place(last) - known - refused, known, refused, refusals);
        }
        // Outside of the lock: whoever waits for it goes on here.
        receipt.complete(whole);
    }

    /** At once: what is not taken any more must not look like the end of the submission. */
    @Override
    public void replaced(Refusal refusal) {
        cutOff(refusal);
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
