package io.monitoringhub.plugin.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.testkit.RecordingIngest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TcpSettingsTest {

    private static final Path SAMPLE = Path.of("src/main/samples/transport-tcp.yaml");
    private static final Path README = Path.of("README.md");

    @Test
    void defaults_are_valid() {
        TcpSettings settings = TcpSettings.from(TestConfig.of(Map.of()), UnaryOperator.identity());
        assertThat(Addresses.text(settings.address())).isEqualTo("127.0.0.1:17000");
        assertThat(settings.streams().ioThreads()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void all_problems_are_named_at_once() {
        Map<String, Object> config = Map.of("bind", "nowhere.invalid", "port", 65_536, "max_connections", 0, "io_threads", -1, "read_bytes",
                new IllegalStateException("cannot convert 'much'"));
        assertThatThrownBy(() -> new TcpTransport(TestConfig.of(config)).start(RecordingIngest.silent("tcp", Path.of("target"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("bind 'nowhere.invalid': expected an address", "port '65536': expected a number from 0 to 65535",
                        "max_connections '0'", "io_threads '-1'", "read_bytes: expected a number from 2048 to 1048576 (cannot convert 'much')");
        assertThatThrownBy(() -> TcpSettings.from(TestConfig.of(Map.of("bind", " ")), UnaryOperator.identity())).hasMessageContaining("bind ' '");
    }

    @Test
    void keys_are_in_the_sample_with_their_defaults_and_in_the_table_of_the_readme() throws Exception {
        String sample = Files.readString(SAMPLE);
        Map<String, String> table = table();
        defaults().forEach((key, value) -> {
            assertThat(sample).contains("# " + key + ": " + value + "\n");
            assertThat(table).containsEntry(key, value.toString());
        });
        assertThat(table).hasSameSizeAs(defaults());
        assertThat(sample).contains("# tls.certificate: ", "# tls.key: ", "# tls.client_ca: ", "# tls.protocols: ", "# tls.ciphers: ");
    }

    @Test
    void the_sample_is_in_the_readme_and_every_option_of_it_is_accepted() throws Exception {
        String sample = Files.readString(SAMPLE);
        assertThat(Files.readString(README)).contains("```yaml\n" + sample + "```");
        Map<String, Object> live = new TreeMap<>();
        Matcher option = Pattern.compile("(?m)^ {4}# ([a-z_.]+): (\\S+)$").matcher(sample);
        while (option.find()) {
            if (defaults().containsKey(option.group(1))) {
                live.put(option.group(1), option.group(1).equals("bind") ? option.group(2) : Integer.valueOf(option.group(2)));
            }
        }
        assertThat(live).isEqualTo(defaults());
        assertThat(TcpSettings.from(TestConfig.of(live), UnaryOperator.identity())).isEqualTo(TcpSettings.from(TestConfig.of(Map.of()), UnaryOperator.identity()));
    }

    @Test
    void the_readme_has_its_sections_in_order() throws Exception {
        List<String> sections = Files.readString(README).lines().filter(line -> line.startsWith("## ")).toList();
        assertThat(sections).containsExactly("## What it does and does not guarantee", "## Status", "## Requirements and permissions",
                "## Quick start", "## Configuration", "## How messages are mapped",
                "## Failures: what is retried, what is rejected, what stops it", "## Metrics beyond the standard", "## Troubleshooting");
    }

    private static TcpSettings settings(Map<String, Object> values) {
        return TcpSettings.from(TestConfig.of(values), UnaryOperator.identity());
    }

    /** Of the keys that have one: files, and lists, have none that could be shown. */
    private static Map<String, Object> defaults() {
        return Arrays.stream(TcpConfig.class.getDeclaredMethods()).filter(method -> !method.getDefaultValue().equals("")
                && !method.getReturnType().isArray()).collect(Collectors.toMap(method -> TestConfig.key(method.getName()),
                method -> method.getDefaultValue(), (one, two) -> one, TreeMap::new));
    }

    private static Map<String, String> table() throws Exception {
        Map<String, String> table = new TreeMap<>();
        Matcher row = Pattern.compile("(?m)^\\| `([a-z_.]+)` \\| [^|]+ \\| `([^`|]+)` \\|").matcher(Files.readString(README));
        while (row.find()) {
            table.put(row.group(1), row.group(2));
        }
        return table;
    }
}
