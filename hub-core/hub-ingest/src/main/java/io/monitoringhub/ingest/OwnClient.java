package io.monitoringhub.ingest;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRequest.NumberedLines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A part of the hub that adds messages to the log itself, numbered as an acknowledged client numbers its own: each number is stored once, over
 * kills of the hub too.
 *
 * <p>Used by one thread at a time.
 */
public final class OwnClient {

    /** Whoever waits wants to look around now and then, whether it is still wanted. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final IngestEngine engine;
    private final ComponentId who;
    private final Peer peer;
    private final UUID id;

    /**
     * @param who what refusals are logged under
     * @param id the same for ever, and nobody else's
     */
    public OwnClient(IngestEngine engine, ComponentId who, Peer peer, UUID id) {
        this.engine = engine;
        this.who = who;
        this.peer = peer;
        this.id = id;
    }

    /** Whether the hub remembers a number of it. */
    public boolean isKnown() {
        return engine.clients().knows(id);
    }

    /** Every number up to this one is stored or will not be used. */
    public long settled() {
        return engine.clients().client(id, 1).settled();
    }

    /** Numbers up to this one that were not stored will not be used. Not while something is under way. */
    public void settle(long number) {
        engine.clients().client(id, 1).settledBefore(number);
    }

    /**
     * Stores lines and waits, some seconds at most, until that is durable.
     *
     * @param first the number of the first line
     * @param runs see {@link NumberedLines#runs}
     * @param lines newline-terminated messages
     * @return what became of them
     * @throws IOException when that is not known: they are stored, will be, or not. Give all of them again
     * @throws InterruptedException when the thread was wanted back; the same
     */
    public Receipt store(long first, List<Long> runs, ByteBuffer lines) throws IOException, InterruptedException {
        Submission submission = engine.submitOwn(who, peer, new NumberedLines(id, first, runs));
        boolean isFinished = false;
        try {
            if (!submission.awaitRoom(PATIENCE)) {
                throw new IOException("the log does not keep up");
            }
            submission.receive(lines);
            CompletableFuture<Receipt> receipt = submission.finish().toCompletableFuture();
            isFinished = true;
            return receipt.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new IOException("the log has not stored it yet", late);
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause().getMessage(), failure.getCause());
        } finally {
            if (!isFinished) {
                submission.abort();
            }
        }
    }
}
