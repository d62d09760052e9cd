package io.monitoringhub.plugin.spool;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A hub that dies before or after the n-th thing that is asked of it. Used by one thread. */
final class CrashingIngest implements Ingest {

    private final Ingest real;
    private int stepsLeft;

    /** @param steps after so many the end comes; a negative number never lets it come */
    CrashingIngest(Ingest real, int steps) {
        this.real = real;
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
    public Optional<Codec> codec(String name) {
        return real.codec(name);
    }

    @Override
    public Submission submit(SubmissionRequest request) throws SubmissionRefusedException {
        step();
        Submission submission = real.submit(request);
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

    @Override
    public ComponentId id() {
        return real.id();
    }

    @Override
    public HealthReporter health() {
        return real.health();
    }

    @Override
    public Session open(Peer peer, Replies replies) {
        return real.open(peer, replies);
    }

    @Override
    public Listener listen(ListenAddress address, ConnectionReceiver receiver) throws IOException {
        return real.listen(address, receiver);
    }

    @Override
    public Path resolve(String path) {
        return real.resolve(path);
    }
}
