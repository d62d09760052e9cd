package io.monitoringhub.plugin.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.testkit.ComponentConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SpoolSettingsTest {

    @Test
    void defaults_are_valid() {
        SpoolSettings settings = SpoolSettings.from(config(Map.of()));
        assertThat(settings.paths()).containsExactly("spool");
        assertThat(settings.poll()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.keep()).isZero();
        assertThat(settings.abandonedAfter()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.maxFile()).isEqualTo(1L << 30);
        assertThat(settings.token()).isEmpty();
    }

    @Test
    void all_problems_are_named_at_once() {
        Map<String, Object> wrong = Map.of("path", new String[] {"/tmp/*/spool"}, "poll", "often", "keep", "-1d", "abandoned_after", "99999999999d",
                "max_file", "0");
        assertThatThrownBy(() -> SpoolSettings.from(config(wrong))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("path '/tmp/*/spool': only the last part", "poll 'often': expected a duration", "keep '-1d'",
                        "abandoned_after '99999999999d'", "max_file '0': expected a size");
        assertThatThrownBy(() -> SpoolSettings.from(config(Map.of("path", new String[0])))).hasMessageContaining("path: expected a folder");
    }

    @Test
    void every_option_of_the_sample_is_accepted() throws Exception {
        Map<String, Object> live = new HashMap<>();
        Matcher option = Pattern.compile("(?m)^ {4}# ([a-z_]+): (\\S+)$").matcher(Files.readString(Path.of("src/main/samples/transport-spool.yaml")));
        while (option.find()) {
            boolean isToken = option.group(1).equals("token");
            live.put(isToken ? ".token" : option.group(1), option.group(1).equals("path") ? new String[] {option.group(2)} : option.group(2));
        }
        assertThat(live).hasSize(SpoolConfig.class.getDeclaredMethods().length);
        SpoolSettings settings = SpoolSettings.from(config(live));
        SpoolSettings defaults = SpoolSettings.from(config(Map.of()));
        assertThat(settings.token()).hasValue("${file:/run/secrets/hub-token}");
        assertThat(List.of(settings.paths(), settings.poll(), settings.keep(), settings.abandonedAfter(), settings.maxFile()))
                .isEqualTo(List.of(defaults.paths(), defaults.poll(), defaults.keep(), defaults.abandonedAfter(), defaults.maxFile()));
    }

    private static SpoolConfig config(Map<String, Object> values) {
        return ComponentConfig.of(SpoolConfig.class, values);
    }
}
