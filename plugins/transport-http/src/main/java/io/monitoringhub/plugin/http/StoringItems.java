package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.body.BodyReading;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.codec.CodecOutput;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the items of a body in another format to the hub, each as a submission of its own: each can have a key of its own, and is stored or
 * known or refused by itself. Used by one thread at a time.
 */
final class StoringItems {

    private static final Logger LOG = LoggerFactory.getLogger(StoringItems.class);
    /** A document that is longer is refused: no message may be as long. */
    private static final int LONGEST_DOCUMENT = 1 << 20;

    private final IngestPoint point;
    private final RequestHead head;
    private final String format;
    private final Codec codec;
    private final ByteArrayOutputStream document = new ByteArrayOutputStream();
    private final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    private final Map<String, CompletableFuture<Outcome>> byKey = new HashMap<>();
    private boolean isTooLong;
    private long items;

    StoringItems(IngestPoint point, RequestHead head, String format, Codec codec) {
        this.point = point;
        this.head = head;
        this.format = format;
        this.codec = codec;
    }

    /** What became of one item: at most one of the three. */
    private record Outcome(Optional<Receipt> receipt, Optional<Answer.ItemError> error, Optional<Answer> failure) {

        static Outcome refused(Answer.ItemError error) {
            return new Outcome(Optional.empty(), Optional.of(error), Optional.empty());
        }

        /** The same item once more; what was refused is refused again. */
        Outcome known() {
            return receipt.isPresent() ? new Outcome(Optional.of(new Receipt(0, 1, 0, List.of())), Optional.empty(), Optional.empty()) : this;
        }
    }

    CompletionStage<Answer> store(BodyReading reading) throws IOException {
        reading.read(this::take);
        if (document.size() > 0 || isTooLong) {
            decode();
        }
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new)).thenApply(all -> answer());
    }

    private void take(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] == '\n') {
                keep(bytes, from, i - from);
                decode();
                from = i + 1;
            }
        }
        keep(bytes, from, offset + length - from);
    }

    private void keep(byte[] bytes, int from, int length) {
        isTooLong |= document.size() + length > LONGEST_DOCUMENT;
        if (!isTooLong) {
            document.write(bytes, from, length);
        }
    }

    private void decode() throws IOException {
        byte[] whole = document.toByteArray();
        document.reset();
        boolean tooLong = isTooLong;
        isTooLong = false;
        if (tooLong) {
            refuse("too_long", "an item may have " + LONGEST_DOCUMENT + " bytes");
        } else if (!new String(whole, StandardCharsets.ISO_8859_1).isBlank()) {
            decode(whole);
        }
    }

    private void decode(byte[] whole) throws IOException {
        List<Decoded> decoded = new ArrayList<>();
        try {
            codec.decode(whole, new Collector(decoded));
        } catch (RuntimeException | LinkageError fault) { // plugin boundary: a codec's fault must cost no more than its item
            LOG.error("{}: a fault of codec {}", point.ingest().id(), format, fault);
            decoded.clear();
            decoded.add(new Decoded(Optional.empty(), List.of(), Optional.of(new Answer.ItemError(0, "codec_fault", "codec " + format
                    + " failed: the hub's log says more"))));
        }
        for (Decoded item : decoded) {
            if (item.refusal().isPresent()) {
                refuse(item.refusal().get().code(), item.refusal().get().reason());
            } else {
                submit(item);
            }
        }
    }

    /** Keeps what the codec says. */
    private record Collector(List<Decoded> decoded) implements CodecOutput {

        @Override
        public void item(Optional<String> key, List<byte[]> messages) {
            decoded.add(new Decoded(key, messages, Optional.empty()));
        }

        @Override
        public void refuse(String code, String reason) {
            decoded.add(new Decoded(Optional.empty(), List.of(), Optional.of(new Answer.ItemError(0, code, reason))));
        }
    }

    /** What the codec said of one item. */
    private record Decoded(Optional<String> key, List<byte[]> messages, Optional<Answer.ItemError> refusal) { }

    private void refuse(String code, String reason) {
        outcomes.add(CompletableFuture.completedFuture(Outcome.refused(new Answer.ItemError(items++, code, reason))));
    }

    /** An item that is twice in one request is known the second time: the two must not overtake each other. */
    private void submit(Decoded item) throws IOException {
        CompletableFuture<Outcome> before = item.key().map(byKey::get).orElse(null);
        if (before != null) {
            items++;
            outcomes.add(before.thenApply(Outcome::known));
            return;
        }
        submitNew(item);
        item.key().ifPresent(key -> byKey.put(key, outcomes.get(outcomes.size() - 1)));
    }

    private void submitNew(Decoded item) throws IOException {
        long index = items++;
        Optional<String> key = item.key().map(given -> "item:" + format + ":" + given)
                .or(() -> head.key().map(given -> "request:" + format + ":" + index + ":" + given));
        try {
            Submission submission = point.ingest().submit(new SubmissionRequest(head.peer(), head.token(), key));
            boolean isWhole = false;
            try {
                for (byte[] message : item.messages()) {
                    Storing.send(submission, ByteBuffer.wrap(message));
                    Storing.send(submission, ByteBuffer.wrap(new byte[] {'\n'}));
                }
                isWhole = true;
            } finally {
                if (!isWhole) {
                    submission.abort();
                }
            }
            outcomes.add(submission.finish().handle((receipt, failure) -> outcome(index, receipt, failure)).toCompletableFuture());
        } catch (SubmissionRefusedException refused) {
            outcomes.add(CompletableFuture.completedFuture(new Outcome(Optional.empty(), Optional.empty(),
                    Optional.of(Answer.of(Problems.of(refused))))));
        }
    }

    private static Outcome outcome(long index, Receipt receipt, Throwable failure) {
        if (failure != null) {
            return new Outcome(Optional.empty(), Optional.empty(), Optional.of(Answer.of(Storing.problem(failure))));
        }
        if (receipt.refused() > 0) {
            Receipt.Refused first = receipt.refusals().get(0);
            return Outcome.refused(new Answer.ItemError(index, first.code(), "message " + first.number() + " of the item: " + first.reason()));
        }
        return new Outcome(Optional.of(receipt), Optional.empty(), Optional.empty());
    }

    /** A failure of one item is the request's: what was stored is known when it comes again. */
    private Answer answer() {
        long accepted = 0;
        long known = 0;
        long refused = 0;
        List<Answer.ItemError> errors = new ArrayList<>();
        for (CompletableFuture<Outcome> each : outcomes) {
            Outcome outcome = each.join();
            if (outcome.failure().isPresent()) {
                return outcome.failure().get();
            }
            if (outcome.error().isPresent()) {
                refused++;
                errors.add(outcome.error().get());
            } else if (outcome.receipt().get().accepted() > 0) {
                accepted++;
            } else {
                known++;
            }
        }
        errors.sort(Comparator.comparingLong(Answer.ItemError::index));
        return Answer.counts(accepted, known, refused, errors.subList(0, Math.min(errors.size(), Receipt.MOST_REFUSALS)));
    }
}
