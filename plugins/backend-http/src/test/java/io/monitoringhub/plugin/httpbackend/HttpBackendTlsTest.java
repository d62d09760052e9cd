package io.monitoringhub.plugin.httpbackend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates that openssl made, to a service that wants one of its clients. */
@Timeout(120)
class HttpBackendTlsTest {

    @TempDir
    private Path folder;
    private StoringService service;
    private final List<HttpBackend> opened = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        authority("ca");
        authority("strangers");
        signed("server", "ca", "DNS:localhost");
        signed("hub", "ca", "DNS:hub");
        signed("stranger", "strangers", "DNS:hub");
        service = StoringService.start(new TlsFiles(path("ca.pem"), path("server.pem"), path("server.key")).context());
    }

    @AfterEach
    void stop() {
        opened.forEach(HttpBackend::close);
        service.close();
    }

    @Test
    void with_certificates_both_ways_entries_are_stored() throws Exception {
        write(Map.of("tls.ca", file("ca.pem"), "tls.certificate", file("hub.pem"), "tls.key", file("hub.key")));
        assertThat(service.stored()).hasSize(1);
    }

    @Test
    void a_server_that_is_not_trusted_or_has_another_name_gets_nothing() {
        assertThatThrownBy(() -> write(Map.of())).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("tls.ca");
        assertThatThrownBy(() -> write(Map.of("tls.ca", file("strangers.pem")))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("tls.ca");
        assertThatThrownBy(() -> write(Map.of("tls.ca", file("ca.pem"), "url", "https://127.0.0.1:" + service.port() + "/")))
                .isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("its name is the url's");
        assertThat(service.seen()).isEmpty();
    }

    @Test
    void a_certificate_that_the_server_does_not_take_is_named() {
        assertThatThrownBy(() -> write(Map.of("tls.ca", file("ca.pem"), "tls.certificate", file("stranger.pem"), "tls.key", file("stranger.key"))))
                .isInstanceOf(DeliveryException.class).hasMessageContaining("localhost");
        assertThatThrownBy(() -> write(Map.of("tls.ca", file("ca.pem")))).isInstanceOf(DeliveryException.class).hasMessageContaining("localhost");
        assertThat(service.stored()).isEmpty();
    }

    @Test
    void files_that_are_missing_or_no_pem_are_named() throws Exception {
        assertThatThrownBy(() -> write(Map.of("tls.ca", file("nowhere.pem")))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("nowhere.pem");
        Files.writeString(folder.resolve("text.pem"), "nonsense");
        assertThatThrownBy(() -> write(Map.of("tls.certificate", file("hub.pem"), "tls.key", file("text.pem"))))
                .isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("text.pem");
    }

    @Test
    void a_service_without_tls_is_told_from_one_that_is_away() throws Exception {
        try (StoringService plain = StoringService.start()) {
            assertThatThrownBy(() -> write(Map.of("tls.ca", file("ca.pem"), "url", "https://localhost:" + plain.port() + "/")))
                    .isInstanceOf(DeliveryException.class).hasMessageContaining("localhost");
        }
    }

    private void write(Map<String, Object> values) throws Exception {
        Map<String, Object> all = new HashMap<>(Map.of("url", "https://localhost:" + service.port() + "/", "receiver", "service"));
        all.putAll(values);
        HttpBackend backend = new HttpBackend(ComponentConfig.of(HttpBackendConfig.class, all));
        opened.add(backend);
        backend.open(TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "http", "sink"), "log-1", folder, Clock.systemUTC()));
        backend.write(TestBatch.of("log-1", 0, List.of(TestMessage.event("a", 1, "x"))));
    }

    private Optional<Path> path(String name) {
        return Optional.of(folder.resolve(name));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private void authority(String name) throws Exception {
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + name + " -keyout " + name + ".key -out " + name + ".pem");
    }

    private void signed(String name, String authority, String subject) throws Exception {
        Files.writeString(folder.resolve("names"), "subjectAltName=" + subject + "\n");
        openssl("req -newkey rsa:2048 -nodes -subj /CN=" + name + " -keyout " + name + ".key -out " + name + ".csr");
        openssl("x509 -req -in " + name + ".csr -CA " + authority + ".pem -CAkey " + authority + ".key -CAcreateserial -days 2 -extfile names -out "
                + name + ".pem");
    }

    private void openssl(String arguments) throws Exception {
        Path output = folder.resolve("openssl.out");
        Process process = new ProcessBuilder(("openssl " + arguments).split(" ")).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(Files.readString(output));
        }
    }
}
