package io.monitoringhub.plugin.spool;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import io.monitoringhub.testkit.ForwardingIngest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** A hub that dies before or after the n-th thing that is asked of it. Used by one thread. */
final class CrashingIngest extends ForwardingIngest {

    private int stepsLeft;

    /** @param steps after so many the end comes; a negative number never lets it come */
    CrashingIngest(Ingest real, int steps) {
        super(real);
        this.stepsLeft = steps;
    }

    /** What a thread of a killed process does not live to see. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void step() {
        if (stepsLeft-- == 0) {
            throw new Crash();
        }
    }

    @Override
    public Submission submit(SubmissionRequest request) throws SubmissionRefusedException {
        step();
        Submission submission = super.submit(request);
        return new Submission() {
            @Override
            public boolean receive(ByteBuffer bytes) {
                step();
                boolean mayGoOn = submission.receive(bytes);
                step();
                return mayGoOn;
            }

            @Override
            public boolean awaitRoom(Duration atMost) throws InterruptedException {
                return submission.awaitRoom(atMost);
            }

            @Override
            public CompletionStage<Receipt> finish() {
                step();
                CompletionStage<Receipt> receipt = submission.finish();
                receipt.toCompletableFuture().join();
                step();
                return receipt;
            }

            @Override
            public void abort() {
                submission.abort();
            }
        };
    }
}
