package io.monitoringhub.sdk;

import static io.monitoringhub.sdk.TestSdk.LONG;
import static io.monitoringhub.sdk.TestSdk.log;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
@SuppressWarnings("try") // What close does is what some of these are about.
class TlsTest {

    @TempDir
    private static Path folder;
    private static TestCertificates certificates;

    @TempDir
    Path spool;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new TestCertificates(folder);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.signed("hub", "ca", "DNS:localhost,IP:127.0.0.1", "rsa:2048");
        certificates.signed("elsewhere", "ca", "DNS:elsewhere.example", "rsa:2048");
        certificates.signed("client", "ca", "DNS:client", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");
    }

    private static FakeHub hub(String... versions) throws Exception {
        return new FakeHub(certificates.hub("hub", Optional.empty(), versions));
    }

    private SdkBuilder trusting(FakeHub hub) {
        return TestSdk.builder(hub, spool).tls(true).tlsCa(certificates.pem("ca"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void everythingArrivesOnceAlsoOverLostConnections(String version) throws Exception {
        try (FakeHub hub = hub(version); MonitoringSdk sdk = trusting(hub).host("localhost").build()) {
            log(sdk, 0, 500);
            hub.await("some of it", () -> hub.accepted().size() >= 100).down();
            log(sdk, 500, 3_000);
            hub.up();
            log(sdk, 3_000, 6_000);
            assertThat(sdk.flush(LONG) || sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
            hub.await("all", () -> hub.messages().size() == 6_000);
            assertThat(hub.messages().stream().map(TestSdk::number).map(Optional::orElseThrow)).isSorted();
        }
    }

    @Test
    void longLinesAndCompressedOnesFitIntoRecords() throws Exception {
        String text = "x".repeat(60_000);
        for (boolean compress : List.of(false, true)) {
            try (FakeHub hub = hub("TLSv1.3"); MonitoringSdk sdk = trusting(hub).compress(compress)
                    .stagingBytes(16 << 20).build()) {      // all of them: a thread that gets no processor must not cost any
                for (int i = 0; i < 200; i++) {
                    sdk.logEvent("info", text, Map.of("i", i));
                }
                assertThat(sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
                assertThat(hub.messages()).hasSize(200).allMatch(line -> line.contains(text));
            }
        }
    }

    @Test
    void aPlainProtocolOverTlsLosesNothingThatWasWritten() throws Exception {
        try (FakeHub hub = hub("TLSv1.3"); MonitoringSdk sdk = trusting(hub).protocol(Protocol.PLAIN).build()) {
            log(sdk, 0, 1_000);
            assertThat(sdk.flush(LONG)).isTrue();
            hub.await("all", () -> hub.messages().size() == 1_000);
            assertThat(sdk.stats().plain()).isEqualTo(1_000);
        }
    }

    @Test
    void aHubThatIsNotTrustedOrBearsAnotherNameGetsNothing() throws Exception {
        record Case(String certificate, String ca) {
        }

        for (Case wrong : List.of(new Case("hub", "stranger"), new Case("elsewhere", "ca"))) {
            try (FakeHub hub = new FakeHub(certificates.hub(wrong.certificate, Optional.empty(), "TLSv1.3", "TLSv1.2"))) {
                MonitoringSdk sdk = trusting(hub).tlsCa(certificates.pem(wrong.ca)).build();
                log(sdk, 0, 10);
                hub.await("the refusal", () -> sdk.stats().lastError().contains("certificate verify failed"));
                sdk.close();
                assertThat(hub.hellos()).isEmpty();
                assertThat(hub.accepted()).isEmpty();
                assertThat(sdk.stats().leftInSpool()).isEqualTo(10);
            }
        }
    }

    @Test
    void whomTheJvmDoesNotTrustIsNotTrustedWithoutAnAuthority() throws Exception {
        try (FakeHub hub = hub("TLSv1.3"); MonitoringSdk sdk = TestSdk.builder(hub, spool).tls(true).spool(false).build()) {
            log(sdk, 0, 1);
            hub.await("the refusal", () -> sdk.stats().lastError().contains("certificate verify failed"));
            assertThat(hub.hellos()).isEmpty();
        }
    }

    @Test
    void aHubThatAsksForACertificateGetsOurs() throws Exception {
        try (FakeHub hub = new FakeHub(certificates.hub("hub", Optional.of("ca"), "TLSv1.3", "TLSv1.2"))) {
            MonitoringSdk nameless = trusting(hub).spool(false).build();
            log(nameless, 0, 1);
            hub.await("the hub's refusal", () -> !nameless.stats().lastError().isEmpty());
            nameless.close();
            assertThat(hub.accepted()).isEmpty();
            try (MonitoringSdk sdk = trusting(hub).tlsCert(certificates.pem("client")).tlsKey(certificates.key("client")).build()) {
                log(sdk, 0, 10);
                assertThat(sdk.flush(LONG) || sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
                assertThat(hub.messages()).hasSize(10);
            }
        }
    }

    @Test
    void filesThatCannotBeUsedAreNamedAndCountAsSoonAsTheyCan() throws Exception {
        Path late = spool.resolve("late.pem");
        try (FakeHub hub = hub("TLSv1.3"); MonitoringSdk sdk = trusting(hub).tlsCa(late).build()) {
            log(sdk, 0, 10);
            hub.await("the complaint", () -> sdk.stats().lastError().contains("tlsCa: " + late + " cannot be read"));
            Files.writeString(late, "no certificate");
            hub.await("the other complaint", () -> sdk.stats().lastError().contains("tlsCa: " + late + " has no certificate")
                    || sdk.stats().lastError().contains("tlsCa: " + late + " is no PEM file"));
            assertThat(hub.hellos()).isEmpty();
            Files.copy(certificates.pem("ca"), late, StandardCopyOption.REPLACE_EXISTING);
            hub.await("all", () -> hub.messages().size() == 10);
        }
    }

    @Test
    void halfOfACertificateAndAWrongKeyAreNamed() throws Exception {
        try (FakeHub hub = hub("TLSv1.3");
                MonitoringSdk half = trusting(hub).tlsCert(certificates.pem("client")).spool(false).build();
                MonitoringSdk wrong = trusting(hub).tlsCert(certificates.pem("client")).tlsKey(certificates.pem("client")).spool(false).build()) {
            log(half, 0, 1);
            log(wrong, 0, 1);
            hub.await("the complaint", () -> half.stats().lastError().contains("tlsCert and tlsKey belong together"));
            hub.await("the complaint", () -> wrong.stats().lastError().contains("has no PKCS #8 key"));
            assertThat(hub.hellos()).isEmpty();
        }
    }

    @Test
    void nothingGoesToAHubWithoutTls() {
        try (FakeHub hub = new FakeHub();
                MonitoringSdk sdk = trusting(hub).connectTimeout(Duration.ofMillis(200)).spool(false).build()) {
            log(sdk, 0, 10);
            hub.await("the time-out", () -> sdk.stats().lastError().contains("cannot connect"));
            assertThat(hub.hellos()).isEmpty();
            assertThat(hub.accepted()).isEmpty();
        }
    }

    @Test
    void theEnvironmentTurnsItOnAlsoWithAWrongWord() throws Exception {
        for (String word : List.of("1", "perhaps")) {
            Map<String, String> environment = Map.of("MONITORING_TLS", word, "MONITORING_TLS_CA", certificates.pem("ca").toString());
            try (FakeHub hub = hub("TLSv1.3");
                    MonitoringSdk sdk = new SdkBuilder(environment).source("test").port(hub.port()).spoolDirectory(spool).build()) {
                log(sdk, 0, 10);
                assertThat(sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
                assertThat(hub.messages()).hasSize(10);
            }
        }
    }

    @Test
    void aUnixSocketIsSpokenToWithoutIt() throws Exception {
        Path path = spool.resolve("hub.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
                MonitoringSdk sdk = new SdkBuilder(Map.of()).source("test").host(path.toString()).tls(true).spool(false)
                        .closeTimeout(Duration.ZERO).build()) {
            log(sdk, 0, 1);
            try (var peer = server.accept()) {
                ByteBuffer first = ByteBuffer.allocate(1);
                assertThat(peer.read(first)).isOne();
                assertThat((char) first.get(0)).isEqualTo('{');
            }
        }
    }
}
