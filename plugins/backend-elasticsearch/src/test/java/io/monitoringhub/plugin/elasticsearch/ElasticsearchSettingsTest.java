package io.monitoringhub.plugin.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElasticsearchSettingsTest {

    @TempDir
    private Path folder;

    private ElasticsearchSettings read(Map<String, Object> values) throws PermanentDeliveryException {
        return ElasticsearchSettings.from(TestConfig.of(values), "backend:elasticsearch/search", folder::resolve);
    }

    @Test
    void defaults_are_valid() throws Exception {
        ElasticsearchSettings settings = read(Map.of());
        assertThat(settings.hosts()).containsExactly(URI.create("http://localhost:9200"));
        assertThat(settings.index()).isEqualTo("monitoring-hub-{date}");
        assertThat(settings.authorization()).isEmpty();
        assertThat(settings.tls()).isEmpty();
        assertThat(settings.keepsTemplate()).isTrue();
    }

    @Test
    void all_problems_are_named_at_once() {
        Map<String, Object> values = new HashMap<>(Map.of("hosts", new String[] {"es1:9200", "http://u:p@es2", "ftp://es3"}, "index", "{date}",
                "user", "hub", ".token", "t", "tls.verify", "maybe", "tls.ca", "missing.pem", "max_body_bytes", 12, "linger_ms", -1));
        values.put("connect_timeout_ms", 0);
        values.put("request_timeout_ms", new IllegalStateException("cannot convert 'soon'"));
        values.put("template", false);
        values.put("component_templates", new String[] {"x"});
        assertThatThrownBy(() -> read(values)).isInstanceOf(PermanentDeliveryException.class).hasMessageContainingAll(
                "backend:elasticsearch/search", "hosts 'es1:9200': expected http", "hosts 'http://u:p@es2'", "hosts 'ftp://es3'",
                "index '{date}': expected a name that begins", "password is empty", "expected one of the three", "tls.verify 'maybe'",
                "missing.pem can't be read", "max_body_bytes '12': expected a number from 1048576", "linger_ms '-1'", "connect_timeout_ms '0'",
                "request_timeout_ms: expected a number from 1 to 600000 (cannot convert 'soon')", "component_templates needs template: true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Upper-{date}", "a b", "a/b", "_x", "-x", "..", "{date}-x", "a-{day}", "a,b", "a*", "a#b", "a{", "a:b"})
    void names_of_indices_that_are_refused(String index) {
        assertThatThrownBy(() -> read(Map.of("index", index))).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("index '");
    }

    @Test
    void a_data_stream_has_no_date_in_its_name() {
        assertThatThrownBy(() -> read(Map.of("data_stream", true))).hasMessageContaining("without {date} and {month}");
    }

    @ParameterizedTest
    @CsvSource({".api_key, key==, ApiKey key==", ".token, abc, Bearer abc"})
    void a_secret_becomes_a_header(String key, String secret, String header) throws Exception {
        assertThat(read(Map.of(key, secret)).authorization()).hasValue(header);
    }

    @Test
    void user_and_password_become_a_header_and_are_not_printed() throws Exception {
        ElasticsearchSettings settings = read(Map.of("user", "hub", ".password", "p\u00e4ss"));
        assertThat(settings.authorization()).hasValue("Basic " + Base64.getEncoder().encodeToString("hub:p\u00e4ss".getBytes(StandardCharsets.UTF_8)));
        assertThat(settings.toString()).doesNotContain("Basic");
    }

    @Test
    void a_secret_that_would_break_a_header_is_refused_without_telling_it() {
        assertThatThrownBy(() -> read(Map.of(".token", "abc\r\nX: y"))).hasMessageContaining("token: expected").message().doesNotContain("abc");
    }

    @Test
    void a_file_without_certificates_is_refused() throws Exception {
        Files.writeString(folder.resolve("ca.pem"), "nothing");
        assertThatThrownBy(() -> read(Map.of("tls.ca", "ca.pem"))).hasMessageContaining("tls.ca: ").hasMessageContaining("holds no certificate");
        assertThatThrownBy(() -> read(Map.of("tls.fingerprint", "12:34"))).hasMessageContaining("tls.fingerprint '1234': expected the 64");
        assertThatThrownBy(() -> read(Map.of("tls.fingerprint", "0".repeat(64), "tls.verify", "none"))).hasMessageContaining("one of the three");
    }

    @Test
    void a_broken_configuration_still_has_limits() {
        ElasticsearchBackend backend = new ElasticsearchBackend(TestConfig.of(Map.of("linger_ms", new IllegalStateException("no number"))));
        assertThat(backend.limits().linger()).isEqualTo(Duration.ofMillis(100));
        assertThat(new ElasticsearchBackend(TestConfig.of(Map.of("linger_ms", 7))).limits().linger()).isEqualTo(Duration.ofMillis(7));
    }
}
