package io.monitoringhub.ingest;

import static io.monitoringhub.ingest.IngestFixture.line;
import static io.monitoringhub.ingest.IngestFixture.lines;
import static io.monitoringhub.ingest.IngestFixture.message;
import static io.monitoringhub.ingest.IngestFixture.messages;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SubmissionTest {

    private static final Peer PEER = new Peer("127.0.0.1:1");

    private final IngestFixture hub = new IngestFixture();

    @Test
    void the_receipt_comes_when_everything_is_durable_and_not_before() throws Exception {
        Submission submission = submit(Optional.empty());
        send(submission, lines(1, 3));
        send(submission, lines(4, 5));
        CompletableFuture<Receipt> receipt = submission.finish().toCompletableFuture();
        assertThat(hub.log.settleNext()).isTrue();
        assertThat(receipt).isNotDone();
        hub.log.settleAll();
        assertThat(receipt.get()).isEqualTo(new Receipt(5, 0, 0, List.of()));
        assertThat(hub.log.stored()).isEqualTo(messages(1, 5));
        assertThat(hub.engine.statistics().sessions()).isZero();
    }

    @Test
    void a_submission_without_a_key_leaves_no_mark_in_the_log() throws Exception {
        receiptOf(Optional.empty(), lines(1, 2));
        assertThat(hub.log.chunks()).singleElement().satisfies(chunk -> assertThat(chunk.client()).isEmpty());
        assertThat(hub.engine.statistics().clients()).isZero();
    }

    @Test
    void the_last_message_needs_no_newline() throws Exception {
        assertThat(receiptOf(Optional.empty(), line(1) + message(2)).accepted()).isEqualTo(2);
        assertThat(hub.log.stored()).isEqualTo(messages(1, 2));
    }

    @Test
    void refused_messages_are_told_by_their_number_and_the_others_are_stored() throws Exception {
        Receipt receipt = receiptOf(Optional.empty(), line(1) + "nonsense\n\n" + line(3) + "{\"v\":2}\n");
        assertThat(receipt.accepted()).isEqualTo(2);
        assertThat(receipt.refused()).isEqualTo(2);
        assertThat(receipt.refusals()).extracting(Receipt.Refused::number).containsExactly(2L, 4L);
        assertThat(receipt.refusals()).extracting(Receipt.Refused::code).containsExactly("not_object", "unknown_version");
    }

    @Test
    void only_so_many_refusals_are_told_but_all_are_counted() throws Exception {
        Receipt receipt = receiptOf(Optional.empty(), "x\n".repeat(500));
        assertThat(receipt.refused()).isEqualTo(500);
        assertThat(receipt.refusals()).hasSize(Receipt.MOST_REFUSALS);
    }

    @Test
    void nothing_at_all_is_a_receipt_at_once() throws Exception {
        assertThat(submit(Optional.empty()).finish().toCompletableFuture().get()).isEqualTo(new Receipt(0, 0, 0, List.of()));
    }

    @Test
    void a_hello_has_no_place_in_a_submission() throws Exception {
        Receipt receipt = receiptOf(Optional.empty(), IngestFixture.hello(UUID.randomUUID(), 1) + line(1));
        assertThat(receipt.accepted()).isEqualTo(1);
        assertThat(receipt.refusals()).extracting(Receipt.Refused::code).containsExactly("unexpected_control");
    }

    @Test
    void what_comes_again_under_the_same_key_is_stored_once() throws Exception {
        assertThat(receiptOf(Optional.of("job-1"), lines(1, 3)).accepted()).isEqualTo(3);
        assertThat(receiptOf(Optional.of("job-1"), lines(1, 3))).isEqualTo(new Receipt(0, 3, 0, List.of()));
        assertThat(receiptOf(Optional.of("job-2"), lines(1, 1)).accepted()).isEqualTo(1);
        assertThat(hub.log.stored()).hasSize(4);
    }

    @Test
    void a_repetition_goes_on_where_a_broken_one_stopped() throws Exception {
        Submission broken = submit(Optional.of("upload"));
        send(broken, lines(1, 2) + "{\"v\":1,");
        broken.abort();
        hub.log.settleAll();
        assertThat(receiptOf(Optional.of("upload"), lines(1, 4))).isEqualTo(new Receipt(2, 2, 0, List.of()));
        assertThat(hub.log.stored()).isEqualTo(messages(1, 4));
    }

    @Test
    void a_repetition_waits_for_what_its_predecessor_has_on_the_way_to_the_disk() throws Exception {
        Submission first = submit(Optional.of("twice"));
        send(first, lines(1, 2));
        Submission second = submit(Optional.of("twice"));
        send(second, lines(1, 2));
        CompletableFuture<Receipt> receipt = second.finish().toCompletableFuture();
        assertThat(receipt).isNotDone();
        assertThatThrownBy(() -> first.finish().toCompletableFuture().get()).isInstanceOf(ExecutionException.class)
                .cause().isInstanceOfSatisfying(SubmissionRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(SubmissionRefusedException.Reason.SUPERSEDED));
        hub.log.settleAll();
        assertThat(receipt.get().known()).isEqualTo(2);
        assertThat(hub.log.stored()).isEqualTo(messages(1, 2));
    }

    @Test
    void a_log_that_fails_fails_the_submission_and_a_repetition_is_stored() throws Exception {
        Submission submission = submit(Optional.of("unlucky"));
        send(submission, lines(1, 2));
        CompletableFuture<Receipt> receipt = submission.finish().toCompletableFuture();
        hub.log.failNext();
        assertThatThrownBy(receipt::get).hasCauseInstanceOf(IOException.class).hasMessageContaining("disk on fire");
        assertThat(receiptOf(Optional.of("unlucky"), lines(1, 2)).accepted()).isEqualTo(2);
        assertThat(hub.engine.statistics().sessions()).isZero();
    }

    @Test
    void keys_and_sdk_instances_are_forgotten_apart() throws Exception {
        IngestSettings few = new IngestSettings(65_536, 48L << 20, IngestSettings.DEFAULT.clockTolerance(), 2,
                IngestSettings.DEFAULT.rememberClients());
        IngestFixture small = new IngestFixture(few);
        UUID sdk = UUID.randomUUID();
        FakePeer peer = small.connect();
        peer.write(IngestFixture.hello(sdk, 1) + lines(1, 2));
        small.log.settleAll();
        peer.disconnect();
        for (int key = 0; key < 10; key++) {
            Submission submission = small.ingest.submit(new SubmissionRequest(PEER, Optional.empty(), Optional.of("key-" + key)));
            submission.receive(ByteBuffer.wrap(line(3).getBytes(StandardCharsets.UTF_8)));
            CompletableFuture<Receipt> receipt = submission.finish().toCompletableFuture();
            small.log.settleAll();
            receipt.get();
        }
        FakePeer again = small.connect();
        again.write(IngestFixture.hello(sdk, 1) + lines(1, 2));
        assertThat(again.replies().get(0)).contains("\"acked\":2");
        assertThat(small.engine.statistics().clients()).isEqualTo(3);
    }

    @Test
    void lines_of_a_client_go_on_where_its_numbers_say() throws Exception {
        UUID sdk = UUID.randomUUID();
        FakePeer peer = hub.connect();
        peer.write(IngestFixture.hello(sdk, 1) + lines(1, 3));
        hub.log.settleAll();
        peer.disconnect();
        assertThat(receiptOf(sdk, 2, lines(2, 5))).isEqualTo(new Receipt(2, 2, 0, List.of()));
        assertThat(receiptOf(sdk, 2, lines(2, 5))).isEqualTo(new Receipt(0, 4, 0, List.of()));
        assertThat(receiptOf(sdk, 6, "nonsense\n" + line(7)).refusals()).extracting(Receipt.Refused::number).containsExactly(1L);
        assertThat(receiptOf(sdk, 8, "")).isEqualTo(new Receipt(0, 0, 0, List.of()));
        assertThat(hub.log.stored()).isEqualTo(lines(1, 5).concat(line(7)).lines().toList());
    }

    @Test
    void a_client_that_is_connected_itself_comes_first() throws Exception {
        UUID sdk = UUID.randomUUID();
        FakePeer peer = hub.connect();
        peer.write(IngestFixture.hello(sdk, 1) + lines(1, 3));
        long sessions = hub.engine.statistics().sessions();
        assertThatThrownBy(() -> submit(sdk, 1)).isInstanceOfSatisfying(SubmissionRefusedException.class,
                refused -> assertThat(refused.reason()).isEqualTo(SubmissionRefusedException.Reason.SUPERSEDED));
        assertThat(hub.engine.statistics().sessions()).isEqualTo(sessions);
        peer.write(line(4));
        peer.disconnect();
        assertThat(receiptOf(sdk, 1, lines(1, 5))).isEqualTo(new Receipt(1, 4, 0, List.of()));
        assertThat(hub.log.stored()).isEqualTo(messages(1, 5));
    }

    @Test
    void a_client_that_connects_takes_over_from_its_submission() throws Exception {
        UUID sdk = UUID.randomUUID();
        Submission submission = submit(sdk, 1);
        send(submission, lines(1, 2));
        FakePeer peer = hub.connect();
        peer.write(IngestFixture.hello(sdk, 1) + lines(1, 3));
        assertThatThrownBy(() -> submission.finish().toCompletableFuture().get()).cause()
                .isInstanceOfSatisfying(SubmissionRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(SubmissionRefusedException.Reason.SUPERSEDED));
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 3));
    }

    @Test
    void lines_whose_numbers_have_gaps_are_known_one_by_one() throws Exception {
        UUID sender = UUID.randomUUID();
        // 10 11 14 20 21 22
        List<Long> runs = List.of(2L, 2L, 1L, 5L, 3L);
        assertThat(receiptOf(submit(sender, 10, runs), lines(1, 3))).isEqualTo(new Receipt(3, 0, 0, List.of()));
        assertThat(receiptOf(submit(sender, 10, runs), lines(1, 6))).isEqualTo(new Receipt(3, 3, 0, List.of()));
        assertThat(receiptOf(submit(sender, 14, List.of(1L, 5L)), lines(3, 6))).isEqualTo(new Receipt(0, 4, 0, List.of()));
        assertThat(receiptOf(submit(sender, 12, List.of()), lines(7, 8))).as("passed over").isEqualTo(new Receipt(0, 2, 0, List.of()));
        assertThat(hub.log.stored()).isEqualTo(messages(1, 6));
    }

    @Test
    void refusals_among_numbers_with_gaps_are_told_by_their_place_and_all_of_them() throws Exception {
        UUID sender = UUID.randomUUID();
        Receipt receipt = receiptOf(submit(sender, 5, List.of(1L, 10L, 1L, 1L, 300L)), line(1) + "x\n".repeat(200) + line(2));
        assertThat(receipt.accepted()).isEqualTo(2);
        assertThat(receipt.refusals()).extracting(Receipt.Refused::number)
                .containsExactlyElementsOf(LongStream.rangeClosed(2, 201).boxed().toList());
    }

    private Submission submit(UUID client, long next, List<Long> runs) throws SubmissionRefusedException {
        return hub.ingest.submit(SubmissionRequest.forClient(PEER, Optional.empty(), client, next, runs));
    }

    private Submission submit(UUID client, long next) throws SubmissionRefusedException {
        return hub.ingest.submit(SubmissionRequest.forClient(PEER, Optional.empty(), client, next));
    }

    private Receipt receiptOf(UUID client, long next, String text) throws Exception {
        return receiptOf(submit(client, next), text);
    }

    private Receipt receiptOf(Optional<String> key, String text) throws Exception {
        return receiptOf(submit(key), text);
    }

    private Receipt receiptOf(Submission submission, String text) throws Exception {
        send(submission, text);
        CompletableFuture<Receipt> receipt = submission.finish().toCompletableFuture();
        hub.log.settleAll();
        return receipt.get();
    }

    private Submission submit(Optional<String> key) throws SubmissionRefusedException {
        return hub.ingest.submit(new SubmissionRequest(PEER, Optional.empty(), key));
    }

    private static void send(Submission submission, String text) {
        assertThat(submission.receive(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))).isTrue();
    }
}
