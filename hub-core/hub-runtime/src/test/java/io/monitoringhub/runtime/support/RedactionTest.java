package io.monitoringhub.runtime.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.command.Json;
import io.monitoringhub.runtime.config.Effective;
import io.monitoringhub.runtime.settings.Place;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedactionTest {

    private final Map<String, Effective.Value> values = new LinkedHashMap<>();

    @Test
    void secrets_of_the_configuration_are_taken_out_wherever_they_stand() {
        value("backends.db.password", "[s3cr3t/pass]", "***");
        value("backends.db.host", "[db.intern.example]", "${env:DB_HOST}");
        value("backends.db.url", "[jdbc:postgresql://hub:pw!7@db/x]", "jdbc:postgresql://hub:***@db/x");
        value("backends.many.tokens", "[first-one, second-one]", "[***, ***]");
        Redaction redaction = Redaction.of(List.of(new Effective(values)));
        String text = redaction.of("FATAL: no s3cr3t/pass here, nor pw!7, at db.intern.example, first-one or second-one");
        assertThat(text).isEqualTo("FATAL: no *** here, nor ***, at ***, *** or ***");
    }

    @Test
    void what_looks_like_a_secret_is_taken_out_too() {
        Redaction redaction = Redaction.of(List.of());
        assertThat(redaction.of("url http://joe:hidden1@host/x")).isEqualTo("url http://joe:***@host/x");
        assertThat(redaction.of("-Djavax.net.ssl.keyStorePassword=hidden2 -Dx=y")).isEqualTo("-Djavax.net.ssl.keyStorePassword=*** -Dx=y");
        assertThat(redaction.of("{\"api_key\": \"hidden3\", \"port\": 1}")).isEqualTo("{\"api_key\": \"***\", \"port\": 1}");
        assertThat(redaction.of("Authorization: Bearer hidden4.abc")).doesNotContain("hidden4");
        assertThat(redaction.of("sent Bearer hidden5abc")).doesNotContain("hidden5");
        assertThat(redaction.of("-----BEGIN RSA PRIVATE KEY-----\nhidden6\n-----END RSA PRIVATE KEY-----\nrest")).isEqualTo("***\nrest");
        assertThat(redaction.of("lane archive: 12 entries behind, state OK")).isEqualTo("lane archive: 12 entries behind, state OK");
    }

    @Test
    void documents_keep_their_shape() {
        value("token", "[hidden7]", "***");
        Object clean = Redaction.of(List.of(new Effective(values))).of(Json.map("a", List.of("x hidden7 y", 7, true), "b", Json.map("tokens", Json.map())));
        assertThat(Json.text(clean)).isEqualTo("{\"a\":[\"x *** y\",7,true],\"b\":{\"tokens\":{}}}");
    }

    private void value(String key, String real, String shown) {
        values.put(key, new Effective.Value(real, shown, Place.DEFAULT, false, false));
    }
}
