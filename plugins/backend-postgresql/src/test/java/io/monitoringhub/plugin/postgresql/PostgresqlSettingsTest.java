package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresqlSettingsTest {

    private static final String URL = "jdbc:postgresql://db1:5432,db2:5433/hub?sslmode=require";

    private static PostgresqlSettings settings(Map<String, Object> more) throws PermanentDeliveryException {
        Map<String, Object> config = new HashMap<>(Map.of("url", URL, "user", "hub"));
        config.putAll(more);
        return PostgresqlSettings.from(TestConfig.of(config), "backend:postgresql/test");
    }

    @Test
    void url_and_user_are_enough() throws Exception {
        PostgresqlSettings settings = settings(Map.of());
        assertThat(settings.schema()).isEqualTo("monitoring");
        assertThat(settings.migrate()).isEqualTo(PostgresqlSettings.Migrate.APPLY);
        assertThat(settings.retentionDays()).isZero();
        assertThat(settings.place()).isEqualTo("postgresql://db1:5432,db2:5433/hub");
    }

    @Test
    void all_problems_are_named_at_once() {
        Map<String, Object> config = new HashMap<>(Map.of("url", "jdbc:mysql://x", "user", " ", "schema", "My Schema", "migrate", "maybe",
                "timescale", "yes", "retention_days", -1, "compress_days", 40_000, "statement_timeout_s", 0, "lock_timeout_s", 9_999,
                "connect_timeout_s", new IllegalStateException("cannot convert 'soon'")));
        config.put("linger_ms", 60_001);
        assertThatThrownBy(() -> settings(config)).isInstanceOf(PermanentDeliveryException.class).hasMessageContainingAll(
                "backend:postgresql/test", "url 'jdbc:mysql://x': expected jdbc:postgresql://host:5432/database", "user ' '",
                "schema 'My Schema'", "migrate 'maybe': expected apply, check or none", "timescale 'yes': expected auto or off",
                "retention_days '-1': expected a number from 0 to 36500", "compress_days '40000'",
                "statement_timeout_s '0': expected a number from 1 to 3600", "lock_timeout_s '9999'",
                "connect_timeout_s: expected a number from 1 to 600 (cannot convert 'soon')", "linger_ms '60001'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://h/d?password=tops", "jdbc:postgresql://h/d?sslmode=require&PASSWORD=tops",
        "jdbc:postgresql://u:tops@h/d"})
    void a_secret_in_the_url_is_refused_and_not_repeated(String url) {
        assertThatThrownBy(() -> settings(Map.of("url", url))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("give it as").message().doesNotContain("tops");
    }

    @Test
    void the_password_is_not_printed() throws Exception {
        assertThat(settings(Map.of(".password", "tops"))).asString().doesNotContain("tops").contains("hub", "monitoring");
    }

    @Test
    void a_broken_configuration_still_has_limits() {
        PostgresqlBackend backend = new PostgresqlBackend(TestConfig.of(Map.of("url", URL, "user", "hub", "linger_ms",
                new IllegalStateException("no number"))));
        assertThat(backend.limits().maxEntries()).isPositive();
    }
}
