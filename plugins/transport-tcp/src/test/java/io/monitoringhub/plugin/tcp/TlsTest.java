package io.monitoringhub.plugin.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.RecordingIngest;
import io.monitoringhub.testkit.RecordingSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates and clients of openssl and of the JDK. */
@Timeout(300)
class TlsTest {

    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final String FAILED = "TLS handshake failed";
    /** More than all buffers of the operating system between two sockets. */
    private static final long FAR_TOO_MUCH = 64L << 20;
    private static final long HELD_BACK_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    @TempDir
    private static Path folder;
    private static TestCertificates certificates;

    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private final List<Socket> clients = new ArrayList<>();
    private RecordingIngest ingest = RecordingIngest.silent("tcp", folder);
    private TcpTransport transport = new TcpTransport(TestConfig.of(Map.of()));

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new TestCertificates(folder);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.signed("server", "ca", "localhost");
        certificates.signed("second", "ca", "localhost");
        certificates.signed("client", "ca", "queue-service");
        certificates.signed("wrong", "stranger", "queue-service");
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket client : clients) {
            client.close();
        }
        transport.stop(GRACE);
        ingest.close();
        other.shutdownNow();
        assertThat(ingest.breaches()).isEmpty();
    }

    @Test
    void versions_1_2_and_1_3_are_spoken_and_1_1_is_not() throws Exception {
        start(Map.of());
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            int before = ingest.sessions().size();
            assertThat(openssl("one\n", version)).as(version).isZero();
            RecordingSession session = ingest.session(before);
            Await.until("a message with " + version, () -> session.text().equals("one\n"));
        }
        assertThat(openssl("one\n", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")).isNotZero();
        Await.until("the refusal is counted", () -> transport.refused(FAILED) == 1);
        assertThat(ingest.sessions()).hasSize(2);
    }

    @Test
    void a_client_without_tls_is_turned_away_and_counted_and_gets_no_session() throws Exception {
        start(Map.of());
        Socket plain = new Socket("127.0.0.1", port());
        clients.add(plain);
        plain.getOutputStream().write("{\"v\":1}\n".getBytes(StandardCharsets.UTF_8));
        awaitEnd(plain);
        Await.until("the refusal is counted", () -> transport.refused(FAILED) == 1);
        assertThat(ingest.sessions()).isEmpty();
        assertThat(ingest.reports()).as("strangers can't make the hub look ill").isEmpty();
    }

    @Test
    void only_clients_with_a_certificate_of_the_right_authority_are_let_in_and_are_known_by_it() throws Exception {
        start(Map.of("tls.client_ca", "ca.pem"));
        for (String certificate : new String[] {null, "wrong"}) {
            assertThatThrownBy(() -> {
                SSLSocket refused = connect(certificate);
                refused.getOutputStream().write("x\n".getBytes(StandardCharsets.UTF_8));
                if (refused.getInputStream().read() < 0) {
                    throw new IOException("ended");
                }
            }).isInstanceOf(IOException.class);
        }
        Await.until("both are counted", () -> transport.refused(FAILED) == 2);
        write(connect("client"), "hello\n");
        RecordingSession session = ingest.session(0);
        Await.until("a message", () -> session.text().equals("hello\n"));
        assertThat(session.peer().user()).isEqualTo(Optional.of("CN=queue-service"));
        assertThat(ingest.sessions()).hasSize(1);
    }

    @Test
    void a_new_certificate_is_used_by_new_connections_and_open_ones_go_on() throws Exception {
        use("server");
        start(Map.of("tls.certificate", "used.pem", "tls.key", "used.key"));
        SSLSocket old = connect(null);
        write(old, "before\n");
        RecordingSession session = ingest.session(0);
        assertThat(serial(old)).isEqualTo(serial("server"));

        Files.writeString(certificates.file("used.pem"), "broken");
        Await.until("a report of the bad file", () -> !ingest.reports().isEmpty());
        assertThat(ingest.reports().get(0)).startsWith("degraded: ").contains("used.pem", "stays in use");
        assertThat(serial(connect(null))).isEqualTo(serial("server"));

        use("second");
        Await.until("all is well again", () -> ingest.reports().contains("ok"));
        assertThat(serial(connect(null))).isEqualTo(serial("second"));
        write(old, "after\n");
        Await.until("the old connection goes on", () -> session.text().equals("before\nafter\n"));
    }

    @Test
    void nothing_is_passed_on_while_the_session_says_stop_and_all_is_in_the_end() throws Exception {
        ingest = ingest.reacting((session, bytes) -> {
            other.execute(session::resume);
            return false;
        });
        start(Map.of());
        SSLSocket client = connect(null);
        String text = "0123456789abcdef\n".repeat(200_000);
        write(client, text);
        client.close();
        RecordingSession session = ingest.session(0);
        Await.until("the end", Duration.ofSeconds(60), () -> session.ends() == 1, session::toString);
        assertThat(session.text()).isEqualTo(text);
    }

    @Test
    void a_client_is_held_back_while_the_session_says_stop_and_the_session_has_one_record_by_then() throws Exception {
        AtomicBoolean wantsMore = new AtomicBoolean();
        ingest = ingest.counting().reacting((session, bytes) -> wantsMore.get());
        start(Map.of());
        SSLSocket client = connect(null);
        byte[] some = "0123456789abcde\n".repeat(4096).getBytes(StandardCharsets.UTF_8);
        AtomicLong written = new AtomicLong();
        Future<?> writer = other.submit(() -> {
            for (int i = 0; i < FAR_TOO_MUCH / some.length; i++) {
                client.getOutputStream().write(some);
                written.addAndGet(some.length);
            }
            return null;
        });
        long[] last = {-1, 0};
        Await.until("the client is held back", () -> {
            if (last[0] != written.get()) {
                last[0] = written.get();
                last[1] = System.nanoTime();
            }
            return last[0] > 0 && System.nanoTime() - last[1] > HELD_BACK_NANOS;
        });
        RecordingSession session = ingest.session(0);
        Await.until("the first record", () -> session.size() > 0);
        assertThat(writer.isDone()).isFalse();
        assertThat(session.size()).as("what one record may hold").isPositive().isLessThanOrEqualTo(16_384);
        wantsMore.set(true);
        session.resume();
        Await.until("all", Duration.ofSeconds(60), () -> session.size() == FAR_TOO_MUCH, session::toString);
        writer.get();
    }

    @Test
    void answers_arrive_before_the_end_of_the_connection() throws Exception {
        String answer = "a".repeat(300_000);
        ingest = ingest.reacting((session, bytes) -> {
            session.send(answer);
            session.replies().close("enough");
            return true;
        });
        start(Map.of());
        SSLSocket client = connect(null);
        write(client, "question\n");
        assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(answer);
    }

    @Test
    void who_does_not_finish_the_handshake_or_says_nothing_after_it_is_sent_away() throws Exception {
        start(Map.of("tls.handshake_timeout", 1));
        Socket mute = new Socket("127.0.0.1", port());
        clients.add(mute);
        awaitEnd(mute);
        SSLSocket silent = connect(null);
        awaitEnd(silent);
        Await.until("both are counted", () -> transport.refused(FAILED) == 1 && transport.refused("no line within handshake_timeout") == 1);
    }

    @Test
    void stop_does_not_wait_for_handshakes() throws Exception {
        start(Map.of());
        for (int i = 0; i < 10; i++) {
            clients.add(new Socket("127.0.0.1", port()));
        }
        long begin = System.nanoTime();
        transport.stop(Duration.ofMinutes(1));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
        for (Socket client : clients) {
            awaitEnd(client);
        }
    }

    @Test
    void what_is_wrong_with_a_file_is_said_with_its_name_and_what_to_do() throws Exception {
        certificates.run(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "old", "-keyalg", "RSA",
                "-dname", "CN=old", "-startdate", "-10d", "-validity", "5", "-keystore", "old.p12", "-storepass", "changeit"));
        certificates.run(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-exportcert", "-rfc", "-alias", "old", "-file",
                "old.pem", "-keystore", "old.p12", "-storepass", "changeit"));
        certificates.openssl("rsa", "-aes256", "-passout", "pass:secret", "-in", "server.key", "-out", "locked.key");
        assertRefused("missing.pem", "server.key", "missing.pem can't be read", "the hub's user must be allowed to read it");
        assertRefused("server.key", "server.key", "server.key holds no certificate");
        assertRefused("server.pem", "server.pem", "server.pem holds no private key");
        assertRefused("server.pem", "client.key", "client.key is not the key of ", "belong together");
        assertRefused("old.pem", "server.key", "old.pem is not valid now", "renew the certificate");
        assertRefused("server.pem", "locked.key", "ENCRYPTED PRIVATE KEY", "openssl pkcs8 -topk8 -nocrypt -in locked.key");
        assertThatThrownBy(() -> start(Map.of("tls.key", ""))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tls.certificate and tls.key: expected both");
        assertThatThrownBy(() -> start(Map.of("tls.protocols", new String[] {"SSLv3"}))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tls.protocols 'SSLv3': expected some of TLSv1.3, TLSv1.2");
    }

    private void assertRefused(String certificate, String key, String... words) {
        assertThatThrownBy(() -> start(Map.of("tls.certificate", certificate, "tls.key", key))).isInstanceOf(IOException.class)
                .hasMessageContainingAll(words);
    }

    private void start(Map<String, Object> further) throws Exception {
        Map<String, Object> values = new HashMap<>(Map.of("port", 0, "tls.certificate", "server.pem", "tls.key", "server.key"));
        values.putAll(further);
        transport = new TcpTransport(TestConfig.of(values));
        transport.start(ingest);
    }

    private int port() {
        return Integer.parseInt(transport.address().substring(transport.address().lastIndexOf(':') + 1));
    }

    private SSLSocket connect(String certificate) throws Exception {
        SSLSocket client = (SSLSocket) certificates.client("ca", certificate).getSocketFactory().createSocket("127.0.0.1", port());
        clients.add(client);
        client.startHandshake();
        return client;
    }

    private static void write(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code openssl s_client}, which sends a text. @return its exit code */
    private int openssl(String text, String... options) throws Exception {
        Process process = new ProcessBuilder(Stream.concat(Stream.of("openssl", "s_client", "-quiet", "-no_ign_eof", "-verify_return_error", "-CAfile",
                certificates.file("ca.pem").toString(), "-connect", "127.0.0.1:" + port()), Stream.of(options)).toList())
                .redirectErrorStream(true).redirectOutput(folder.resolve("s_client.out").toFile()).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException ended) {
            // what a refused one does
        }
        return process.waitFor();
    }

    private static void awaitEnd(Socket client) throws Exception {
        client.setSoTimeout(60_000);
        byte[] some = new byte[1024];
        try {
            while (client.getInputStream().read(some) >= 0) {
                assertThat(some).isNotNull();
            }
        } catch (SocketTimeoutException open) {
            throw new AssertionError("the connection is still open", open);
        } catch (IOException reset) {
            // an end as good as any
        }
    }

    /** Puts a certificate where the hub looks: the key first, both by rename. */
    private static void use(String name) throws IOException {
        for (String end : List.of(".key", ".pem")) {
            Path draft = Files.copy(certificates.file(name + end), certificates.file("draft" + end), StandardCopyOption.REPLACE_EXISTING);
            Files.move(draft, certificates.file("used" + end), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static String serial(SSLSocket client) throws IOException {
        return ((X509Certificate) client.getSession().getPeerCertificates()[0]).getSerialNumber().toString(16);
    }

    private static String serial(String name) throws Exception {
        try (InputStream in = Files.newInputStream(certificates.file(name + ".pem"))) {
            return ((X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in)).getSerialNumber().toString(16);
        }
    }
}
