package io.monitoringhub.plugin.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.testkit.ComponentConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3SettingsTest {

    private static S3Settings from(Map<String, Object> further) throws PermanentDeliveryException {
        Map<String, Object> values = new HashMap<>(Map.of("bucket", "entries"));
        values.putAll(further);
        return S3Settings.from(ComponentConfig.of(S3Config.class, values), "backend:s3/lake");
    }

    @Test
    void a_bucket_is_enough() throws Exception {
        S3Settings settings = from(Map.of());
        assertThat(settings.region()).isEmpty();
        assertThat(settings.credentials()).isEmpty();
        assertThat(settings.compression()).isEqualTo(Compression.GZIP);
        assertThat(settings.keyPrefix()).isEqualTo("events/");
        assertThat(settings.encryption()).isEmpty();
    }

    @Test
    void another_store_needs_no_region() throws Exception {
        assertThat(from(Map.of("endpoint", "http://127.0.0.1:9000")).region()).hasValue("us-east-1");
    }

    @Test
    void all_problems_are_named_at_once_and_no_secret_is() {
        Map<String, Object> values = new HashMap<>(Map.of("bucket", "a", "region", "Mars!", "endpoint", "minio:9000", "key", "{sauce}/x",
                "time_zone", "Mars", "compression", "lzma", "roll_size", 12, "part_size", 1, "request_timeout_ms", 1, ".secret_key", "hidden"));
        values.putAll(Map.of("roll_after_ms", new IllegalStateException("cannot convert 'soon'"), "sse", "rot13", "sse_kms_key", "k",
                "storage_class", "cold?", ".session_token", "hidden too"));
        assertThatThrownBy(() -> from(values)).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("backend:s3/lake", "bucket 'a'", "region 'Mars!'", "endpoint 'minio:9000'", "{sauce} is no placeholder",
                        "expected {offsets} once", "time_zone 'Mars'", "compression 'lzma': expected gzip, zstd or none",
                        "roll_size '12': expected a number from 65536 to 1073741824", "roll_after_ms: expected a number from 0", "cannot convert 'soon'",
                        "part_size '1'", "request_timeout_ms '1'", "sse 'rot13'", "sse_kms_key 'k': expected no key unless sse is aws:kms",
                        "storage_class 'cold?'", "access_key is missing", "session_token without access_key")
                .hasMessageNotContaining("hidden");
    }

    @Test
    void a_bucket_that_is_missing_is_named() {
        assertThatThrownBy(() -> S3Settings.from(ComponentConfig.of(S3Config.class, Map.of()), "x")).hasMessageContaining("bucket ''");
    }

    @Test
    void keys_are_not_printed() throws Exception {
        assertThat(from(Map.of("access_key", "me", ".secret_key", "hidden", ".session_token", "hidden")).toString()).doesNotContain("hidden");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{offsets}/x", "{offsets}-{offsets}", "/x/{offsets}", "a//{offsets}", "../{offsets}", "a\\{offsets}", "a}{offsets}",
        "{offsets", "a\n{offsets}"})
    void key_patterns_that_are_refused(String pattern) {
        assertThatThrownBy(() -> from(Map.of("key", pattern))).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("key '");
    }

    @Test
    void a_key_that_could_become_too_long_is_refused() {
        assertThatThrownBy(() -> from(Map.of("key", "{source}".repeat(8) + "{offsets}"))).hasMessageContaining("expected at most 1024");
    }

    @Test
    void the_readme_has_every_code_that_is_classified() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        for (Failures.Rule rule : Failures.RULES) {
            for (String code : rule.codes()) {
                assertThat(readme).contains("`" + code + "`");
            }
        }
    }
}
