package io.monitoringhub.ingest;

import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Submission;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** A session that ends with a receipt. Used by one thread at a time up to its end. */
final class LineSubmission implements Submission {

    private static final byte[] NEWLINE = {'\n'};

    private final LineSession session;
    private final ReceiptAnswers answers;
    private final BackPressure backPressure;
    private final AtomicBoolean hasEnded = new AtomicBoolean();

    LineSubmission(LineSession session, ReceiptAnswers answers, BackPressure backPressure) {
        this.session = session;
        this.answers = answers;
        this.backPressure = backPressure;
        answers.receipt().whenComplete((receipt, failure) -> endSession());
    }

    @Override
    public boolean receive(ByteBuffer bytes) {
        session.take(bytes);
        return backPressure.mayRead(session);
    }

    @Override
    public boolean awaitRoom(Duration atMost) throws InterruptedException {
        long resumes = answers.resumes();
        return backPressure.mayRead(session) || answers.awaitResume(resumes, atMost);
    }

    @Override
    public CompletionStage<Receipt> finish() {
        session.take(ByteBuffer.wrap(NEWLINE));
        answers.finished(session.lastNumber());
        return answers.receipt().copy();
    }

    @Override
    public void abort() {
        endSession();
    }

    /** The transport's thread after an abort, the log's after the last answer: whoever is first. */
    private void endSession() {
        if (hasEnded.compareAndSet(false, true)) {
            session.end();
        }
    }
}
