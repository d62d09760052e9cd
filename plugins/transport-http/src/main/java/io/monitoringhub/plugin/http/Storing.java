package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.body.Body;
import io.monitoringhub.plugin.http.body.BodyException;
import io.monitoringhub.plugin.http.body.BodyReading;
import io.monitoringhub.plugin.http.server.Problem;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Gives the messages of one body to the hub. Used by one thread at a time. */
final class Storing {

    /** How long a request may wait for room before its first message, and amidst them. */
    private static final Duration WAIT_BEFORE = Duration.ofSeconds(2);
    private static final Duration WAIT_AMIDST = Duration.ofSeconds(20);

    private final IngestPoint point;
    private final RequestHead head;
    private final Body body;

    Storing(IngestPoint point, RequestHead head, Body body) {
        this.point = point;
        this.head = head;
        this.body = body;
    }

    /** There was no room amidst the messages. */
    private static final class NoRoomException extends IOException {

        private static final long serialVersionUID = 1L;

        NoRoomException() {
            super("no room");
        }
    }

    /** Reads, decodes, and appends. @return the answer, once everything is on disk */
    CompletionStage<Answer> store() throws InterruptedException {
        try {
            if (body.length() == 0) {
                return done(Answer.of(Problems.emptyBody()));
            }
            BodyReading reading = BodyReading.of(body, head.encoding(), head.form(), point.limits().maxInflatedBytes());
            Set<String> names = reading.look();
            Optional<String> format = head.codec().or(() -> isJob(names) ? Optional.of(RequestHead.JOB_CODEC) : Optional.empty());
            if (format.isEmpty()) {
                return storeLines(reading);
            }
            Optional<Codec> codec = point.ingest().codec(format.get());
            return codec.isEmpty() ? done(Answer.of(Problems.noCodec(format.get())))
                    : new StoringItems(point, head, format.get(), codec.get()).store(reading);
        } catch (BodyException bad) {
            return done(Answer.of(Problems.of(bad)));
        } catch (NoRoomException busy) {
            return done(Answer.of(Problems.noRoomAmidst()));
        } catch (SubmissionRefusedException refused) {
            return done(Answer.of(Problems.of(refused)));
        } catch (IOException failure) {
            return done(Answer.of(Problems.notStored(failure.getMessage())));
        }
    }

    private static boolean isJob(Set<String> names) {
        return names.contains("entity") && names.contains("event") && !names.contains("v");
    }

    private CompletionStage<Answer> storeLines(BodyReading reading) throws IOException, SubmissionRefusedException, InterruptedException {
        Optional<String> key = head.lines().isPresent() ? Optional.empty() : head.key().map(given -> "request:" + given);
        Submission submission = point.ingest().submit(new SubmissionRequest(head.peer(), head.token(), key, head.lines()));
        boolean isWhole = false;
        try {
            if (!submission.awaitRoom(WAIT_BEFORE)) {
                return done(Answer.of(Problems.noRoom()));
            }
            reading.read((bytes, offset, length) -> send(submission, ByteBuffer.wrap(bytes, offset, length)));
            isWhole = true;
        } finally {
            if (!isWhole) {
                submission.abort();
            }
        }
        return submission.finish().handle((receipt, failure) -> failure == null ? answer(receipt) : Answer.of(problem(failure)));
    }

    static void send(Submission submission, ByteBuffer bytes) throws IOException {
        try {
            if (!submission.receive(bytes) && !submission.awaitRoom(WAIT_AMIDST)) {
                throw new NoRoomException();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new NoRoomException();
        }
    }

    private static Answer answer(Receipt receipt) {
        return Answer.counts(receipt.accepted(), receipt.known(), receipt.refused(), receipt.refusals().stream()
                .map(refused -> new Answer.ItemError(refused.number() - 1, refused.code(), refused.reason())).toList());
    }

    static Problem problem(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof SubmissionRefusedException refused ? Problems.of(refused) : Problems.notStored(String.valueOf(cause.getMessage()));
    }

    static CompletionStage<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
