package io.monitoringhub.spi.transport;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A number of messages that get one answer: the body of a request, a file. Used by one thread at a time, the transport's, up to
 * {@link #finish} or {@link #abort}.
 */
@ProviderType
public interface Submission {

    /**
     * Takes newline-terminated messages from position to limit. Never blocks; the buffer is the caller's again when the method returns.
     *
     * @return {@code false} to send nothing more before {@link #awaitRoom}: the log does not keep up
     */
    boolean receive(ByteBuffer bytes);

    /**
     * Waits until the hub can take more.
     *
     * @param atMost how long to wait
     * @return whether it can
     * @throws InterruptedException when the thread was wanted back
     */
    boolean awaitRoom(Duration atMost) throws InterruptedException;

    /**
     * There is nothing more; a last message needs no newline.
     *
     * @return what became of the messages, once all that were taken are as durable as the log is configured to make them. Fails with an
     *         {@link java.io.IOException} when the log could not store them, and with a {@link SubmissionRefusedException} when a newer
     *         submission under the same key has taken over. Completed on a thread of the hub: don't block there
     */
    CompletionStage<Receipt> finish();

    /** Nobody waits for an answer any more. What was taken may be stored all the same; a message that is not whole is dropped. Idempotent. */
    void abort();
}
