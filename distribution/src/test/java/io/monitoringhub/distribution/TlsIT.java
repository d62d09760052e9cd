package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on TCP in the hub as it is shipped, with clients that are not ours. */
class TlsIT {

    private static final String FAILED = "TLS handshake failed";

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private int port;

    @BeforeEach
    void unpack() throws Exception {
        port = TestConfiguration.freePort();
        hub = PackagedHub.unpackInto(folder);
        Files.createDirectories(hub.data());
        certificates().authority("ca");
        certificates().signed("server", "ca");
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void versions_1_2_and_1_3_are_spoken_and_neither_older_ones_nor_plain_text() throws Exception {
        start("");
        send("by-1-2", "-tls1_2");
        send("by-1-3", "-tls1_3");
        awaitSources("by-1-2", "by-1-3");
        for (int i = 0; i < 10; i++) {
            try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
                plain.getOutputStream().write(message("plain").getBytes(StandardCharsets.UTF_8));
                assertThat(new String(plain.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)).doesNotContain("{");
            }
        }
        assertThat(status()).as("strangers can't make the hub look ill").doesNotContain("DEGRADED");
        boolean speaksOld = !send("by-1-1", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0").contains("no protocols available");
        hub.stop();
        assertThat(sources()).containsExactlyInAnyOrder("by-1-2", "by-1-3");
        assertThat(logged(FAILED + ": 127.0.0.1")).as("the first one").hasSize(1).first().asString().contains("it speaks no TLS")
                .doesNotContain("7b2276");
        assertThat(logged(FAILED + ": " + (speaksOld ? 11 : 10) + " connections in all")).hasSize(1);
    }

    @Test
    void with_an_authority_for_clients_only_those_are_let_in_that_it_has_signed() throws Exception {
        certificates().authority("stranger");
        certificates().signed("wrong", "stranger");
        certificates().signed("right", "ca");
        start(", client_ca: ca.pem");
        send("none");
        send("wrong", "-cert", file("wrong.pem"), "-key", file("wrong.key"));
        send("right", "-cert", file("right.pem"), "-key", file("right.key"));
        awaitSources("right");
        hub.stop();
        assertThat(sources()).containsExactly("right");
        assertThat(logged(FAILED + ": 2 connections in all")).hasSize(1);
    }

    @Test
    void a_certificate_that_was_replaced_is_shown_to_new_clients_and_open_connections_go_on() throws Exception {
        start("");
        Process old = client("-quiet").redirectOutput(folder.resolve("old.out").toFile()).start();
        try {
            write(old, "before");
            awaitSources("before");
            String first = certificateShown();
            certificates().signed("next", "ca");
            for (String end : List.of(".key", ".pem")) {
                Files.move(Path.of(file("next" + end)), Path.of(file("server" + end)), StandardCopyOption.ATOMIC_MOVE);
            }
            hub.waitUntil("another certificate is shown", () -> !certificateShown().equals(first));
            write(old, "after");
            awaitSources("before", "after");
            assertThat(old.isAlive()).isTrue();
        } finally {
            old.destroyForcibly().waitFor();
        }
    }

    @Test
    void the_perl_sdk_speaks_tls_shows_its_certificate_and_sends_nothing_to_a_hub_that_it_does_not_trust() throws Exception {
        assumeTrue(hub.run(List.of("perl", "-MIO::Socket::SSL", "-e", "1")).exitCode() == 0, "Perl has IO::Socket::SSL");
        certificates().authority("stranger");
        certificates().signed("client", "ca");
        start(", client_ca: ca.pem");
        assertThat(perl(2_000, "tls_ca", file("ca.pem"), "tls_cert", file("client.pem"), "tls_key", file("client.key"), "buffer", "5000"))
                .isEqualTo("all acked=2000 refused=0 dropped=0 error=");
        assertThat(perl(5, "tls_ca", file("stranger.pem"), "tls_cert", file("client.pem"), "tls_key", file("client.key")))
                .startsWith("some acked=0").contains("certificate verify failed");
        assertThat(perl(5, "tls_ca", file("ca.pem"))).startsWith("some acked=0").containsPattern("error=connection (closed|lost)");
        assertThat(perl(5, "tls_ca", file("missing.pem"))).startsWith("some acked=0").contains("missing.pem");
        assertThat(PerlApplication.log(5, "source", "perl", "port", String.valueOf(port), "protocol", "acked"))
                .as("without TLS").startsWith("some acked=0");
        assertThat(sources()).containsOnly("perl").hasSizeGreaterThanOrEqualTo(2_000);
    }

    @Test
    void the_java_sdk_speaks_tls_and_shows_its_certificate() throws Exception {
        certificates().signed("client", "ca");
        start(", client_ca: ca.pem");
        try (MonitoringSdk sdk = MonitoringSdk.builder().source("java").port(port).protocol(Protocol.ACKED).spool(false).bufferMessages(5_000).tls(true)
                .tlsCa(Path.of(file("ca.pem"))).tlsCert(Path.of(file("client.pem"))).tlsKey(Path.of(file("client.key"))).build()) {
            for (int i = 0; i < 2_000; i++) {
                sdk.logEvent("info", "event " + i);
            }
            hub.waitUntil("all is acknowledged", () -> sdk.stats().acked() == 2_000, () -> sdk.stats().toString());
        }
        awaitSources("java");
    }

    private String perl(int count, String... options) throws Exception {
        return PerlApplication.log(count, Stream.concat(Stream.of("source", "perl", "port", String.valueOf(port), "tls", "1"), Stream.of(options))
                .toArray(String[]::new));
    }

    private void start(String further) throws Exception {
        hub.configure("""
                transports: { tcp: { port: %d, tls: { certificate: %s, key: %s%s } } }
                backends: { archive: { type: filesystem, path: events } }
                """.formatted(port, file("server.pem"), file("server.key"), further.replace("ca.pem", file("ca.pem")))).start();
    }

    private TestCertificates certificates() {
        return new TestCertificates(folder);
    }

    private String file(String name) {
        return certificates().file(name);
    }

    private ProcessBuilder client(String... options) {
        return hub.process(Stream.concat(Stream.of("openssl", "s_client", "-verify_return_error", "-CAfile", file("ca.pem"), "-connect",
                "127.0.0.1:" + port), Stream.of(options)).toList()).redirectErrorStream(true);
    }

    /** One message of this source; then the client ends. @return what it has printed */
    private String send(String source, String... options) throws Exception {
        Path output = folder.resolve("client.out");
        Process process = client(Stream.concat(Stream.of("-quiet", "-no_ign_eof"), Stream.of(options)).toArray(String[]::new))
                .redirectInput(Files.writeString(folder.resolve("client.in"), message(source)).toFile()).redirectOutput(output.toFile()).start();
        process.waitFor();
        return Files.readString(output);
    }

    private static void write(Process client, String source) throws IOException {
        client.getOutputStream().write(message(source).getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().flush();
    }

    private String certificateShown() {
        try {
            String shown = hub.run(client().command()).output();
            return shown.substring(shown.indexOf("-----BEGIN"), shown.indexOf("-----END"));
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    private static String message(String source) {
        return "{\"v\":1,\"src\":\"" + source + "\",\"ts\":1697821234567,\"type\":\"heartbeat\"}\n";
    }

    private void awaitSources(String... expected) {
        hub.waitUntil("they are in the files", () -> sources().containsAll(List.of(expected)), () -> sources() + "\n" + status());
    }

    private List<String> sources() {
        return EventFiles.lines(hub.data().resolve("events")).stream().map(line -> line.replaceAll(".*\"src\":\"([^\"]*)\".*", "$1")).toList();
    }

    private List<String> logged(String words) {
        return lines(hub.data().resolve("logs/hub.log")).stream().filter(line -> line.contains(words)).toList();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String status() {
        return hub.ask("hub:status");
    }
}
