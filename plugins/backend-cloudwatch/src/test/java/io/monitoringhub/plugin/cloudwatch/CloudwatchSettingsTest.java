package io.monitoringhub.plugin.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.testkit.ComponentConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CloudwatchSettingsTest {

    private static final String NAME = "backend:cloudwatch/cloud";

    private static CloudwatchSettings settings(Map<String, Object> values) throws PermanentDeliveryException {
        return CloudwatchSettings.from(ComponentConfig.of(CloudwatchConfig.class, values), () -> "host-1", NAME);
    }

    @Test
    void defaults_are_valid_and_take_region_and_credentials_from_the_environment() throws Exception {
        CloudwatchSettings settings = settings(Map.of());
        assertThat(settings.access().region()).isEmpty();
        assertThat(settings.access().keys()).isEmpty();
        assertThat(settings.metricTypes()).containsExactlyInAnyOrder(MessageType.METRIC, MessageType.RESOURCE);
        assertThat(settings.group().name("billing", "event", 0)).isEqualTo("monitoring-hub");
        assertThat(settings.stream().name("billing", "event", 19_000)).isEqualTo("billing/2022-01-08");
        assertThat(settings.metrics().dimensions()).isEmpty();
    }

    @Test
    void all_problems_are_named_at_once() {
        Map<String, Object> values = new HashMap<>(Map.of("region", "Mars", "logs_endpoint", "localhost:80", "metrics_endpoint", "ftp://x",
                "access_key", "AKIA", "log_group", "aws/{what}", "log_stream", "a:b", "retention_days", 8, "metric_types", "some",
                "namespace", "AWS/EC2", "dimensions", new String[] {"*", "host"}));
        values.putAll(Map.of("outside_window", "drop", "connections", 0, "timeout_ms", new IllegalStateException("cannot convert 'soon'"),
                "linger_ms", -1));
        assertThatThrownBy(() -> settings(values)).isInstanceOf(PermanentDeliveryException.class).hasMessageContainingAll(NAME, "region 'Mars'",
                "logs_endpoint 'localhost:80': expected http", "metrics_endpoint 'ftp://x'", "secret_key is missing", "which is reserved",
                "{what} is no placeholder", "log_stream 'a:b'", "retention_days '8'", "metric_types 'some'", "namespace 'AWS/EC2'", "dimensions [*, host]",
                "outside_window 'drop': expected send or reject", "connections '0': expected a number from 1 to 64",
                "timeout_ms: expected a number from 100 to 240000 (cannot convert 'soon')", "linger_ms '-1'");
    }

    @Test
    void a_session_token_needs_the_keys_that_it_belongs_to() {
        assertThatThrownBy(() -> settings(Map.of(".session_token", "t"))).hasMessageContaining("session_token without access_key");
    }

    @Test
    void no_secret_is_in_any_text() throws Exception {
        CloudwatchSettings settings = settings(Map.of("access_key", "AKIA", ".secret_key", "hush", ".session_token", "quiet"));
        assertThat(settings.toString()).contains("AKIA").doesNotContain("hush", "quiet");
    }

    @Test
    void dimensions_are_all_some_or_none() throws Exception {
        assertThat(settings(Map.of("dimensions", new String[] {"host", "zone"})).metrics().dimensions()).contains(Set.of("host", "zone"));
        assertThat(settings(Map.of("dimensions", new String[] {"none"})).metrics().dimensions()).contains(Set.of());
    }

    @ParameterizedTest
    @CsvSource({"queue-service,queue-service_event_1970-01-01_host-1", "dienst \u00fc*:,dienst_____event_1970-01-01_host-1"})
    void what_a_group_may_not_be_called_becomes_an_underscore(String source, String name) throws Exception {
        assertThat(settings(Map.of("log_group", "{source}_{type}_{date}_{host}")).group().name(source, "event", 0)).isEqualTo(name);
    }

    @Test
    void a_long_source_makes_a_name_that_fits() throws Exception {
        assertThat(settings(Map.of()).stream().name("\ud83d\ude80".repeat(900), "event", 0)).hasSize(NamePattern.MAX_LENGTH);
    }

    @Test
    void a_broken_configuration_still_has_limits() {
        CloudwatchBackend backend = new CloudwatchBackend(ComponentConfig.of(CloudwatchConfig.class,
                Map.of("linger_ms", new IllegalStateException("no number"))));
        assertThat(backend.limits().maxEntries()).isPositive();
    }
}
