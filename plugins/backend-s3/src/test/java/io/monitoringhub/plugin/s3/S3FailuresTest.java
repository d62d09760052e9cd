package io.monitoringhub.plugin.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import io.monitoringhub.testservers.S3Server;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of entries when the store is away, slow, full of errors or not to be had with these credentials. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class S3FailuresTest {

    private static final String LOG = "5f0c6d1e-failures";
    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");

    @TempDir
    private static Path folder;
    private static S3Server server;

    @TempDir
    private Path home;
    private StoreFront front;
    private S3Backend backend;
    private TestBackendContext context;

    @BeforeAll
    static void start() throws Exception {
        server = S3Objects.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void prepare() throws Exception {
        server.clear();
        front = new StoreFront(server.uri());
        context = TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "s3", "lake"), LOG, home, new TestClock(NOW));
    }

    @AfterEach
    void end() throws Exception {
        if (backend != null) {
            backend.close();
        }
        front.close();
    }

    private S3Backend open(URI endpoint, Map<String, Object> further) throws Exception {
        backend = new S3Backend(S3Objects.config(endpoint, further));
        backend.open(context);
        return backend;
    }

    private static TestBatch batch(long first, int count) {
        return TestBatch.of(LOG, first, IntStream.range(0, count)
                .mapToObj(i -> TestMessage.event("service-" + i % 2, NOW.toEpochMilli(), "entry " + (first + i))).toList());
    }

    private static List<String> texts(TestBatch batch) {
        return batch.messages().stream().map(TestMessage::text).toList();
    }

    /** The backend has planned an object with these entries. */
    private TestBatch planned(S3Backend opened) throws Exception {
        TestBatch batch = batch(0, 100);
        opened.write(batch);
        context = context.after(opened.flush(batch.next()));
        assertThat(context.committed()).isZero();
        return batch;
    }

    @Test
    void a_store_that_was_killed_gets_every_entry_once_when_it_is_back() throws Exception {
        S3Backend opened = open(server.uri(), Map.of());
        TestBatch batch = planned(opened);
        server.kill();
        try {
            // a kept connection breaks; if its end was noticed before, a new one can't be made
            assertThatThrownBy(() -> opened.flush(batch.next())).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContaining("put object 'all/lake-5f0c6d1efail-").hasMessageMatching(".*(the connection broke|unreachable).*");
            assertThatThrownBy(() -> opened.flush(batch.next())).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("unreachable");
            assertThatThrownBy(() -> new S3Backend(S3Objects.config(server.uri(), Map.of())).open(context))
                    .isInstanceOf(TransientDeliveryException.class).hasMessageContainingAll("reach bucket 'entries'", "unreachable");
        } finally {
            server.start();
        }
        assertThat(opened.flush(batch.next()).next()).isEqualTo(batch.next());
        assertThat(S3Objects.lines(server)).containsExactlyElementsOf(texts(batch));
    }

    @ParameterizedTest
    @CsvSource({"stranger, .secret_key, kept, InvalidAccessKeyId", "hub, .secret_key, wrong, SignatureDoesNotMatch",
        "hub, bucket, no-such-bucket, NoSuchBucket"})
    void what_a_person_must_see_to_is_told_at_once(String id, String key, String value, String code) {
        assertThatThrownBy(() -> open(server.uri(), Map.of("access_key", id, key, value))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("cannot reach bucket", code, key.equals("bucket") ? "there is no such bucket" : "unauthorised")
                .hasMessageNotContaining("kept");
    }

    @ParameterizedTest
    @CsvSource({"403, RequestTimeTooSkewed, true, the clocks differ", "503, SlowDown, true, the store is busy",
        "429, TooManyRequests, true, the store is busy", "500, InternalError, true, the store failed", "502, '', true, the store failed",
        "507, XMinioStorageFull, true, the store is full", "403, QuotaExceeded, true, the store is full",
        "400, RequestTimeout, true, the store failed", "400, BadDigest, true, damaged on its way", "307, TemporaryRedirect, true, the store failed",
        "403, AccessDenied, false, unauthorised", "404, NoSuchBucket, false, there is no such bucket",
        "301, PermanentRedirect, false, the bucket is in mars-north-1", "400, AuthorizationHeaderMalformed, false, the bucket is in mars-north-1",
        "400, EntityTooLarge, false, roll_size", "400, InvalidStorageClass, false, storage_class", "400, ExpiredToken, false, session_token",
        "418, Teapot, false, the store refuses it"})
    void an_error_of_the_store_says_whether_waiting_helps(int status, String code, boolean isTransient, String words) throws Exception {
        S3Backend opened = open(front.uri(), Map.of());
        TestBatch batch = planned(opened);
        front.answer(status, code, "Retry-After: 7\r\nx-amz-bucket-region: mars-north-1\r\n");
        DeliveryException failure = catchThrowableOfType(DeliveryException.class, () -> opened.flush(batch.next()));
        assertThat(failure).isInstanceOf(isTransient ? TransientDeliveryException.class : PermanentDeliveryException.class)
                .hasMessageContainingAll("cannot put object 'all/", "bucket 'entries'", Integer.toString(status), code, words);
        if (failure instanceof TransientDeliveryException busy) {
            assertThat(busy.retryAfter()).isEqualTo(Duration.ofSeconds(7));
        }
        assertThat(opened.flush(batch.next()).next()).isEqualTo(batch.next());
        assertThat(S3Objects.lines(server)).containsExactlyElementsOf(texts(batch));
    }

    @Test
    void after_a_skewed_clock_requests_carry_the_stores_time() throws Exception {
        S3Backend opened = open(front.uri(), Map.of());
        TestBatch batch = planned(opened);
        front.answer(403, "RequestTimeTooSkewed", "Date: Thu, 01 Jan 2037 00:00:00 GMT\r\n");
        assertThatThrownBy(() -> opened.flush(batch.next())).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("the clocks differ");
        front.answer(500, "InternalError", "");
        assertThatThrownBy(() -> opened.flush(batch.next())).isInstanceOf(TransientDeliveryException.class);
        assertThat(front.heads().get(1)).contains("x-amz-date: 20370101t");

        // The real store refuses that, and is believed as well.
        assertThatThrownBy(() -> opened.flush(batch.next())).isInstanceOf(TransientDeliveryException.class)
                .hasMessageContaining("RequestTimeTooSkewed");
        assertThat(opened.flush(batch.next()).next()).isEqualTo(batch.next());
    }

    @Test
    void an_expired_token_of_the_chain_is_replaced_by_the_chains_next_one() throws Exception {
        Map<String, String> chain = Map.of("aws.accessKeyId", "expired", "aws.secretAccessKey", "expired");
        chain.forEach(System::setProperty);
        try {
            front.answer(403, "AccessDenied", "");
            S3Backend opened = open(front.uri(), Map.of("access_key", "", ".secret_key", ""));
            TestBatch batch = planned(opened);
            front.answer(400, "ExpiredToken", "");
            assertThatThrownBy(() -> opened.flush(batch.next())).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContaining("the session token has expired");
            System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
            System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
            assertThat(opened.flush(batch.next()).next()).isEqualTo(batch.next());
        } finally {
            chain.keySet().forEach(System::clearProperty);
        }
    }

    @ParameterizedTest
    @CsvSource({"region, set region", "credentials, unauthorised: no credentials"})
    void what_nobody_has_given_is_named(String missing, String words) throws Exception {
        System.setProperty("aws.disableEc2Metadata", "true");
        try {
            Map<String, Object> given = missing.equals("region") ? Map.of("endpoint", "") : Map.of("access_key", "", ".secret_key", "");
            assertThatThrownBy(() -> open(server.uri(), given))
                    .isInstanceOf(missing.equals("region") ? PermanentDeliveryException.class : TransientDeliveryException.class)
                    .hasMessageContaining(words);
        } finally {
            System.clearProperty("aws.disableEc2Metadata");
        }
    }

    @Test
    void a_thread_that_waits_for_a_hanging_store_is_given_back_and_the_next_attempt_doubles_nothing() throws Exception {
        S3Backend opened = open(server.uri(), Map.of());
        TestBatch batch = planned(opened);
        server.freeze();
        try {
            CompletableFuture<Commit> ended = new CompletableFuture<>();
            Thread lane = new Thread(() -> {
                try {
                    ended.complete(opened.flush(batch.next()));
                } catch (DeliveryException | InterruptedException e) {
                    ended.completeExceptionally(e);
                }
            }, "lane");
            lane.start();
            Await.until("the lane waits for the store", () -> lane.getState() == Thread.State.TIMED_WAITING);
            lane.interrupt();
            assertThatThrownBy(() -> ended.get(1, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            lane.join();
        } finally {
            server.thaw();
        }
        assertThat(opened.flush(batch.next()).next()).isEqualTo(batch.next());
        assertThat(S3Objects.lines(server)).containsExactlyElementsOf(texts(batch));
    }

    @Test
    void a_store_that_does_not_answer_in_time_is_named_as_such_and_does_not_hold_up_close() throws Exception {
        S3Backend opened = open(server.uri(), Map.of("request_timeout_ms", 1_000));
        TestBatch batch = planned(opened);
        server.freeze();
        try {
            assertThatThrownBy(() -> opened.flush(batch.next())).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContaining("no answer in time");
            CompletableFuture.runAsync(opened::close).get(3, TimeUnit.SECONDS);
        } finally {
            server.thaw();
        }
    }

    @Test
    void settings_of_objects_are_sent_with_each() throws Exception {
        S3Backend opened = open(front.uri(), Map.of("sse", "aws:kms", "sse_kms_key", "alias/entries", "storage_class", "STANDARD_IA"));
        TestBatch batch = planned(opened);
        front.answer(400, "KMS.DisabledException", "");
        assertThatThrownBy(() -> opened.flush(batch.next())).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("the use of the KMS key");
        assertThat(front.heads().get(0)).contains("x-amz-server-side-encryption: aws:kms\r\n",
                "x-amz-server-side-encryption-aws-kms-key-id: alias/entries\r\n", "x-amz-storage-class: standard_ia\r\n", "content-md5: ")
                .doesNotContain("x-amz-trailer", "x-amz-checksum", "expect: ");
    }
}
