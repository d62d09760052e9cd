package io.monitoringhub.ingest;

import static io.monitoringhub.ingest.IngestFixture.hello;
import static io.monitoringhub.ingest.IngestFixture.line;
import static io.monitoringhub.ingest.IngestFixture.lines;
import static io.monitoringhub.ingest.IngestFixture.messages;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.ingest.access.AccessSettings;
import io.monitoringhub.ingest.access.TokenHash;
import io.monitoringhub.ingest.access.TokenSettings;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenSessionTest {

    private static final String SECRET = "a secret of some length";
    private static final String QUEUE_SECRET = "another secret of some length";
    private static final UUID CLIENT = UUID.fromString("6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11");

    private final IngestFixture hub = new IngestFixture();

    @BeforeEach
    void wantTokens() {
        configure(new TokenSettings("all", TokenHash.of(SECRET), List.of(), Set.of(), OptionalLong.empty(), false),
                new TokenSettings("billing", TokenHash.of(QUEUE_SECRET), List.of("billing-*"), Set.of(), OptionalLong.of(10), false));
    }

    @AfterEach
    void close() {
        hub.access.close();
    }

    @Test
    void a_hello_with_a_token_begins_a_session() {
        FakePeer peer = hub.connect();
        peer.write(hello(SECRET) + lines(1, 2));
        hub.log.settleAll();
        assertThat(peer.replies()).element(0).asString().contains("\"welcome\"");
        assertThat(hub.log.stored()).isEqualTo(messages(1, 2));
        assertThat(hub.engine.statistics().tokens()).containsEntry("all", 3L).containsEntry("billing", 0L);
    }

    @Test
    void a_hello_without_a_token_or_with_a_wrong_one_is_answered_and_ended_and_its_lines_are_dropped() {
        for (String hello : List.of(IngestFixture.hello(CLIENT, 1), hello("a wrong secret of some length"))) {
            FakePeer peer = hub.connect();
            peer.write(hello + lines(1, 2));
            assertThat(peer.replies()).singleElement().asString().contains("\"error\"").contains("\"seq\":0").contains("\"unauthorized\"");
            assertThat(peer.closed()).contains("unauthorized").doesNotContain("a wrong secret");
            peer.write(hello(SECRET) + lines(3, 4));
            assertThat(peer.replies()).isEmpty();
        }
        assertThat(hub.log.stored()).isEmpty();
        assertThat(hub.refusedCodes).containsExactly(RefusalCode.UNAUTHORIZED, RefusalCode.UNAUTHORIZED);
        assertThat(hub.refusedLines).as("a hello may hold a token").containsExactly("", "");
        assertThat(hub.engine.statistics().refused()).containsEntry("unauthorized", 2L);
        assertThat(hub.engine.statistics().clients()).isZero();
    }

    @Test
    void a_hello_that_is_wrong_otherwise_is_told_so_and_not_kept() {
        FakePeer peer = hub.connect();
        peer.write(hello(SECRET).replace("\"next\":1", "\"next\":0"));
        assertThat(peer.replies()).singleElement().asString().contains("invalid_hello");
        assertThat(hub.refusedLines).containsExactly("");
    }

    @Test
    void a_plain_connection_is_ended_without_a_byte() {
        for (String bytes : List.of(line(1) + line(2), "nonsense\n" + hello(SECRET), "x".repeat(70_000))) {
            FakePeer peer = hub.connect();
            peer.write(bytes);
            assertThat(peer.closed()).contains("unauthorized").contains("hello");
            assertThat(peer.replies()).isEmpty();
        }
        assertThat(hub.log.stored()).isEmpty();
        assertThat(hub.refusedCodes).containsExactly(RefusalCode.UNAUTHORIZED, RefusalCode.UNAUTHORIZED, RefusalCode.UNAUTHORIZED);
        assertThat(hub.refusedLines).containsExactly("", "", "");
    }

    @Test
    void lines_of_other_sources_are_refused_one_by_one_and_count() {
        FakePeer peer = hub.connect();
        String mine = line(2).replace("queue-service", "billing-7");
        peer.write(hello(QUEUE_SECRET) + line(1) + mine + line(3) + mine);
        hub.log.settleAll();
        assertThat(hub.log.stored()).containsExactly(mine.strip(), mine.strip());
        assertThat(peer.replies()).anyMatch(reply -> reply.contains("\"seq\":1") && reply.contains("source_not_allowed")
                        && reply.contains("'billing' may not send for the source 'queue-service'"))
                .anyMatch(reply -> reply.contains("\"seq\":3") && reply.contains("source_not_allowed"))
                .anyMatch(reply -> reply.contains("\"ack\"") && reply.contains("\"seq\":4"));
        assertThat(peer.closed()).isEmpty();
        assertThat(hub.engine.statistics().refused()).containsEntry("source_not_allowed", 2L);
    }

    @Test
    void a_stream_over_the_rate_is_not_read_until_there_is_room_and_nothing_is_dropped() throws Exception {
        FakePeer peer = hub.connect();
        String mine = lines(1, 14).replace("queue-service", "billing-7");
        assertThat(peer.write(hello(QUEUE_SECRET) + mine)).as("15 lines at 10 a second").isFalse();
        assertThat(hub.engine.statistics().overRate()).isEqualTo(1);
        hub.log.settleAll();
        assertThat(hub.log.stored()).hasSize(14);
        hub.nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        peer.awaitResume();
        peer.write(line(15).replace("queue-service", "billing-7"));
        hub.log.settleAll();
        assertThat(hub.log.stored()).hasSize(15);
        assertThat(peer.closed()).isEmpty();
    }

    @Test
    void a_token_that_is_taken_away_ends_its_sessions_with_the_next_bytes() {
        FakePeer peer = hub.connect();
        peer.write(hello(SECRET) + line(1));
        hub.log.settleAll();
        peer.replies();
        configure();
        peer.write(line(2));
        assertThat(peer.replies()).singleElement().asString().contains("\"seq\":0").contains("unauthorized");
        assertThat(peer.closed()).contains("unauthorized");
        assertThat(hub.log.stored()).isEqualTo(messages(1, 1));
    }

    @Test
    void submissions_show_their_token_or_are_refused_with_a_reason() throws Exception {
        assertThat(refused(Optional.empty()).reason()).isEqualTo(SubmissionRefusedException.Reason.UNAUTHORIZED);
        assertThat(refused(Optional.of("a wrong secret of some length"))).hasMessageContaining("does not know");
        configure(new TokenSettings("jobs", TokenHash.of(SECRET), List.of(), Set.of("http"), OptionalLong.empty(), false));
        assertThat(refused(Optional.of(SECRET)).reason()).isEqualTo(SubmissionRefusedException.Reason.FORBIDDEN);
        assertThat(hub.engine.statistics().refused()).containsEntry("unauthorized", 3L);
        assertThat(hub.engine.statistics().sessions()).isZero();
    }

    @Test
    void a_submission_is_taken_whole_and_the_next_one_waits_until_the_rate_has_paid_for_it() throws Exception {
        Submission first = submit(QUEUE_SECRET, "k");
        first.receive(ByteBuffer.wrap(lines(1, 25).replace("queue-service", "billing-7").getBytes(StandardCharsets.UTF_8)));
        var receipt = first.finish().toCompletableFuture();
        hub.log.settleAll();
        assertThat(receipt.get().accepted()).isEqualTo(25);
        assertThatThrownBy(() -> submit(QUEUE_SECRET, "l")).isInstanceOfSatisfying(SubmissionRefusedException.class, refused -> {
            assertThat(refused.reason()).isEqualTo(SubmissionRefusedException.Reason.OVERLOADED);
            assertThat(refused.retryAfter()).isBetween(Duration.ofMillis(1500), Duration.ofMillis(1501));
        });
        assertThat(submit(SECRET, "l")).as("another token has its own rate").isNotNull();
        hub.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1502));
        assertThat(submit(QUEUE_SECRET, "l")).isNotNull();
    }

    @Test
    void the_same_key_under_another_token_is_another_key() throws Exception {
        for (String secret : List.of(SECRET, QUEUE_SECRET)) {
            Submission submission = submit(secret, "the key");
            submission.receive(ByteBuffer.wrap(line(1).replace("queue-service", "billing-7").getBytes(StandardCharsets.UTF_8)));
            var receipt = submission.finish().toCompletableFuture();
            hub.log.settleAll();
            assertThat(receipt.get().accepted()).isEqualTo(1);
        }
    }

    @Test
    void a_plain_connection_that_sends_nothing_but_bad_lines_is_ended() {
        hub.access.configure(new AccessSettings(false, List.of(), Set.of(), 3));
        FakePeer patient = hub.connect();
        patient.write("bad\nbad\n" + line(1) + "bad\nbad\n" + line(2));
        assertThat(patient.closed()).isEmpty();
        FakePeer flooder = hub.connect();
        flooder.write("bad\n".repeat(100) + line(3));
        assertThat(flooder.closed()).contains("3 lines in a row were refused");
        assertThat(flooder.replies()).isEmpty();
        FakePeer client = hub.connect();
        client.write(IngestFixture.hello(CLIENT, 1) + "bad\n".repeat(100));
        assertThat(client.closed()).as("who gets answers may go on").isEmpty();
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 2));
        assertThat(hub.engine.statistics().refused()).containsEntry("not_object", 107L);
    }

    private void configure(TokenSettings... tokens) {
        hub.access.configure(new AccessSettings(true, List.of(tokens), Set.of(), 1000));
    }

    private SubmissionRefusedException refused(Optional<String> token) {
        try {
            hub.ingest.submit(new SubmissionRequest(new Peer("127.0.0.1:1"), token, Optional.empty()));
        } catch (SubmissionRefusedException refused) {
            return refused;
        }
        throw new AssertionError("it was let in");
    }

    private Submission submit(String token, String key) throws SubmissionRefusedException {
        return hub.ingest.submit(new SubmissionRequest(new Peer("127.0.0.1:1"), Optional.of(token), Optional.of(key)));
    }

    private static String hello(String token) {
        return IngestFixture.hello(CLIENT, 1).replace("\"sdk\"", "\"token\":\"" + token + "\",\"sdk\"");
    }
}
