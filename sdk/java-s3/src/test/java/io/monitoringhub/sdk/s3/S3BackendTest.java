package io.monitoringhub.sdk.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.SdkBuilder;
import io.monitoringhub.sdk.direct.BackendResult;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testservers.S3Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a real server that speaks S3 and checks signatures. */
@Timeout(180)
class S3BackendTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static S3Server server;

    @TempDir
    Path spool;

    @BeforeAll
    static void startsTheServer() throws Exception {
        server = new S3Server(folder, Clock.systemUTC());
        server.start();
    }

    @AfterAll
    static void stopsTheServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void isEmpty() throws IOException {
        server.clear();
    }

    private static S3Backend.Builder backend() {
        return S3Backend.bucket(S3Server.BUCKET).endpointUrl(server.uri()).credentials(S3Server.ACCESS_KEY, S3Server.SECRET_KEY).timeout(LONG);
    }

    private SdkBuilder sdk() {
        return MonitoringSdk.builder().source("night/ly").closeTimeout(LONG).backoff(Duration.ofMillis(1), Duration.ofMillis(50)).spoolDirectory(spool);
    }

    private static void log(MonitoringSdk sdk, int from, int to) {
        IntStream.range(from, to).forEach(i -> sdk.logEvent("info", "message " + i));
    }

    private static List<Integer> numbers() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String key : server.keys()) {
            InputStream content = new ByteArrayInputStream(server.get(key));
            try (InputStream in = key.endsWith(".gz") ? new GZIPInputStream(content) : content) {
                lines.addAll(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
            }
        }
        return lines.stream().map(line -> Integer.valueOf(line.replaceAll(".*\"message ([0-9]+)\".*", "$1"))).toList();
    }

    private static List<Integer> all(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void aBatchIsAnObjectWhoseKeyTellsSourceDayAndMessages() throws Exception {
        try (MonitoringSdk sdk = sdk().backend(backend().build(), as -> as.batchSize(400)).build()) {
            assertThat(sdk.health(LONG).get("s3").check()).isEqualTo("bucket entries is there");
            log(sdk, 0, 1_000);
            assertThat(sdk.flush(LONG)).as(() -> sdk.backends().toString()).isTrue();
            assertThat(sdk.backends().get("s3").delivered()).isEqualTo(1_000);
        }
        assertThat(server.keys()).hasSize(3).allMatch(key -> key.matches("monitoring/night_ly/\\d{4}/\\d\\d/\\d\\d/\\d{13}-[0-9a-f-]{36}-\\d+\\.jsonl\\.gz"));
        assertThat(numbers()).containsExactlyInAnyOrderElementsOf(all(0, 1_000));
    }

    @Test
    void objectsWithoutCompressionUnderAnotherPrefixHoldWholeLines() throws Exception {
        try (MonitoringSdk sdk = sdk().direct(backend().prefix("").gzip(false).name("plain").build()).build()) {
            log(sdk, 0, 50);
        }
        assertThat(server.keys()).singleElement().asString().startsWith("night_ly/").endsWith(".jsonl");
        assertThat(numbers()).isEqualTo(all(0, 50));
    }

    @Test
    void aBucketThatIsNotThereAndAWrongKeyAreForAPersonAndNothingIsLost() throws Exception {
        MonitoringSdk sdk = sdk().backend(backend().name("wrong key").credentials("hub", "not the one").build(), as -> as.linger(Duration.ZERO))
                .backend(S3Backend.bucket("nobodys").endpointUrl(server.uri()).credentials(S3Server.ACCESS_KEY, S3Server.SECRET_KEY).timeout(LONG).name("no bucket")
                        .build(),
                        as -> as.linger(Duration.ZERO))
                .closeTimeout(Duration.ofMillis(500)).build();
        log(sdk, 0, 10);
        assertThat(sdk.flush(LONG)).isFalse();
        assertThat(sdk.backends().get("wrong key").state()).isEqualTo(BackendResult.State.FAILED);
        assertThat(sdk.backends().get("wrong key").lastError()).contains("S3 bucket entries: 403 SignatureDoesNotMatch");
        assertThat(sdk.backends().get("no bucket").state()).isEqualTo(BackendResult.State.FAILED);
        assertThat(sdk.backends().get("no bucket").lastError()).contains("S3 bucket nobodys: 404 NoSuchBucket");
        assertThat(sdk.health(LONG).get("no bucket").isReachable()).isFalse();
        sdk.close();
        assertThat(sdk.stats().dropped()).isZero();
        assertThat(sdk.stats().leftInSpool()).isEqualTo(20);
    }

    /** Also what was written without the program knowing it is there once: the key of a batch is the same in the next program. */
    @Test
    void aServerThatWasFrozenHasEveryMessageOnceInTheEnd() throws Exception {
        MonitoringSdk first = sdk().backend(backend().timeout(Duration.ofSeconds(2)).build(), as -> as.batchSize(100).queue(500).linger(Duration.ofMillis(10)))
                .closeTimeout(Duration.ofMillis(500)).build();
        log(first, 0, 300);
        Await.until("the first", LONG, () -> first.backends().get("s3").delivered() == 300, () -> first.backends().toString());
        server.freeze();
        log(first, 300, 2_000);
        assertThat(first.flush(LONG)).isFalse();
        assertThat(first.backends().get("s3").state()).isEqualTo(BackendResult.State.RETRYING);
        first.close();
        server.thaw();
        assertThat(first.stats().dropped()).isZero();
        List<Path> files;
        try (Stream<Path> found = Files.walk(spool)) {
            files = found.filter(Files::isRegularFile).toList();
        }
        assertThat(files).isNotEmpty();
        Path again = files.get(0);
        byte[] content = Files.readAllBytes(again);
        deliversWhatIsInTheSpool(1_700);
        int objects = server.keys().size();
        // As if the first delivery of this batch had not been noticed.
        Files.write(again, content);
        deliversWhatIsInTheSpool(1);
        assertThat(server.keys()).hasSize(objects);
        assertThat(numbers()).containsExactlyInAnyOrderElementsOf(all(0, 2_000));
    }

    private void deliversWhatIsInTheSpool(int atLeast) throws Exception {
        try (MonitoringSdk next = sdk().backend(backend().build(), as -> as.linger(Duration.ofMillis(10))).build()) {
            Await.until("all of the spool", LONG, () -> next.backends().get("s3").delivered() >= atLeast, () -> next.backends().toString());
        }
    }
}
