package io.monitoringhub.plugin.httpbackend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.testkit.ComponentConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpBackendSettingsTest {

    @Test
    void all_mistakes_are_named_at_once() {
        Map<String, Object> bad = new HashMap<>(Map.of("url", "ftp://host/", "receiver", "both", "method", "GET", "format", "xml",
                "headers", new String[] {"no colon", "Host: x", "Good: one", "Bad: \r\nX: y"}, "batch_entries", 0, "batch_bytes", 1,
                ".token", "a b", "user", "me", "timeout", 0));
        bad.putAll(Map.of("connect_timeout", new IllegalArgumentException("not a number"), "tls.key", "key.pem", "body_prefix", "x",
                "gzip", new IllegalArgumentException("neither")));
        assertThatThrownBy(() -> settings(bad)).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("of backend:http/sink", "url: ", "receiver 'both'", "method 'GET'", "format 'xml'", "body_prefix", "headers 'no colon'",
                        "headers 'Host'", "headers 'Bad'", "batch_entries '0'", "batch_bytes '1'", "token and user", "token: ", "user and password",
                        "timeout '0'", "connect_timeout: expected a number from 1 to 3600 (not a number)", "tls.certificate and tls.key", "gzip: ")
                .message().doesNotContain("Good");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host:80/x", "http://user:secret@host/", "http://host/#a", "http:///x", "http://ho st/", "http://host:99999/"})
    void a_url_that_is_none_is_refused_and_not_repeated(String url) {
        assertThatThrownBy(() -> settings(Map.of("url", url))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("url: expected http://").message().doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({"http://host, hub, http://host/v1/ingest/batch", "https://host:1/, hub, https://host:1/v1/ingest/batch",
        "http://host/x/y?z=1, hub, http://host/x/y?z=1", "http://host, service, http://host/", "http://[::1]:80/a, service, http://[::1]:80/a"})
    void a_hub_has_an_address_by_itself(String url, String receiver, String expected) throws Exception {
        assertThat(settings(Map.of("url", url, "receiver", receiver)).url().toString()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"format, template", "content_type, text/plain", "method, PUT", "tls.ca, ca.pem"})
    void what_does_not_go_with_a_hub_without_tls_is_refused(String key, String value) {
        assertThatThrownBy(() -> settings(Map.of("url", "http://host", key, value))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining(key.replaceAll("\\..*", ""));
    }

    @Test
    void a_password_is_sent_as_basic_authentication() throws Exception {
        assertThat(settings(Map.of("url", "http://host", "user", "me", ".password", "p\u00e4ss")).template().headers())
                .containsExactly("Authorization: Basic bWU6cMOkc3M=");
    }

    private static HttpBackendSettings settings(Map<String, Object> values) throws PermanentDeliveryException {
        return HttpBackendSettings.from(ComponentConfig.of(HttpBackendConfig.class, values), "backend:http/sink", Path::of);
    }
}
