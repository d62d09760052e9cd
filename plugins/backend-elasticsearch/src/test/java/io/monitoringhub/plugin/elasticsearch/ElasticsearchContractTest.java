package io.monitoringhub.plugin.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.testservers.ElasticsearchServer;
import io.monitoringhub.testservers.SearchServer;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With users and TLS. */
class ElasticsearchContractTest extends SearchBackendContract {

    @TempDir
    private static Path folder;

    private static ElasticsearchServer server;

    @BeforeAll
    static void starts_the_server() throws Exception {
        server = new ElasticsearchServer(folder).secured();
        server.with("indexing_pressure.memory.limit", PRESSURE_LIMIT).with("http.max_content_length", CONTENT_LIMIT).start();
    }

    @AfterAll
    static void stops_the_server() throws Exception {
        server.close();
    }

    @Override
    SearchServer server() {
        return server;
    }

    @Override
    Map<String, Object> access() {
        return Map.of("user", ElasticsearchServer.USER, ".password", ElasticsearchServer.PASSWORD, "tls.ca", server.certificate().toString());
    }

    private static Map<String, Object> tls(String key, String value) {
        Map<String, Object> values = new HashMap<>(Map.of("tls.ca", ""));
        values.put(key, value);
        return values;
    }

    @Test
    void a_wrong_password_is_told_as_unauthorised_without_the_password() {
        assertThatThrownBy(() -> open(Map.of(".password", "not-the-one"))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("unauthorised", "401").message().doesNotContain("not-the-one");
        assertThatThrownBy(() -> open(Map.of("user", "", ".password", "", ".api_key", "bm9ib2R5Om5vdGhpbmc="))).hasMessageContaining("unauthorised");
        assertThatThrownBy(() -> open(Map.of("user", "", ".password", "", ".token", "AAEAAWVsYXN0aWM"))).hasMessageContaining("unauthorised");
    }

    @Test
    void who_has_the_rights_that_the_readme_lists_can_write_and_who_has_not_is_told_which_are_missing() throws Exception {
        String index = "granted-" + System.nanoTime();
        Backend backend = open(Map.of("user", ElasticsearchServer.WRITER, "index", index));
        assertThat(backend.write(batch(0, 10)).isAllWritten()).isTrue();
        assertThat(backend.write(batch(5, 10)).isAllWritten()).isTrue();
        assertThat(Found.originals(server, index)).hasSize(15);

        Backend elsewhere = open(Map.of("user", ElasticsearchServer.WRITER, "index", "other-" + index));
        assertThatThrownBy(() -> elsewhere.write(batch(0, 3))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("unauthorised: 403", "create_doc");

        assertThatThrownBy(() -> open(Map.of("user", ElasticsearchServer.VISITOR))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("unauthorised: 403", "manage_index_templates", "template: false");
    }

    @Test
    void a_server_is_known_by_its_authority_or_its_fingerprint_or_not_at_all() throws Exception {
        byte[] certificate;
        try (InputStream pem = Files.newInputStream(server.certificate())) {
            certificate = CertificateFactory.getInstance("X.509").generateCertificate(pem).getEncoded();
        }
        String fingerprint = HexFormat.ofDelimiter(":").withUpperCase().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
        open(tls("tls.fingerprint", fingerprint));
        open(tls("tls.verify", "none"));
        assertThatThrownBy(() -> open(tls("tls.ca", ""))).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("is not trusted");
        assertThatThrownBy(() -> open(tls("tls.fingerprint", "0".repeat(64)))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("is not trusted");
    }
}
