package io.monitoringhub.plugin.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilesystemSettingsTest {

    private static final Path SAMPLE = Path.of("src/main/samples/backend-filesystem.yaml");
    private static final Path README = Path.of("README.md");
    private static final Set<String> OF_THE_HUB = Set.of("hub.name", "hub.type", "service.pid", "service.factoryPid", "component.name",
            "component.id", "type");

    @Test
    void defaults_are_valid() throws Exception {
        FilesystemSettings settings = FilesystemSettings.from(TestConfig.of(Map.of()), "test");
        assertThat(settings.path()).isEqualTo("data/events");
        assertThat(settings.rotateBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(settings.force()).isTrue();
        assertThat(settings.grain()).isEqualTo(Periods.Grain.DAY);
        assertThat(settings.isNumberedByPeriod()).isFalse();
    }

    @Test
    void all_problems_are_named_at_once() {
        Map<String, Object> config = Map.of("path", " ", "file", "{sauce}/../x", "time_zone", "Mars", "rotate", "weekly", "rotate_bytes", 12L,
                "fsync", "maybe", "max_open_files", 0, "flush_ms", new IllegalStateException("cannot convert 'soon'"));
        assertThatThrownBy(() -> FilesystemSettings.from(TestConfig.of(config), "backend:filesystem/archive"))
                .isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("backend:filesystem/archive", "path ' '", "{sauce} is no placeholder", "begin with a dot",
                        "expected an extension", "time_zone 'Mars'", "rotate 'weekly': expected never, hourly or daily", "rotate_bytes '12'",
                        "fsync 'maybe'", "max_open_files '0'", "flush_ms: expected a number from 1 to 60000 (cannot convert 'soon')");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/abs.jsonl", "a//b.jsonl", "../x.jsonl", "{source}", "{date}.gz", "a.tmp", "{x}.jsonl", "{date.jsonl",
        "a}.jsonl", ".hidden.jsonl", "a/.b/c.jsonl", "a\\b.jsonl", "a\n.jsonl", "{source}-{source}-{source}.jsonl", "events.1"})
    void patterns_that_are_refused(String pattern) {
        assertThatThrownBy(() -> FilesystemSettings.from(TestConfig.of(Map.of("file", pattern)), "test"))
                .isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("file '");
    }

    @Test
    void a_broken_configuration_still_has_limits() {
        FilesystemBackend backend = new FilesystemBackend(TestConfig.of(Map.of("flush_ms", new IllegalStateException("no number"))));
        assertThat(backend.limits().maxEntries()).isPositive();
    }

    @Test
    void keys_are_in_the_sample_with_their_defaults_and_in_the_table_of_the_readme() throws Exception {
        String sample = Files.readString(SAMPLE);
        Map<String, String> table = table();
        for (Map.Entry<String, String> entry : defaults().entrySet()) {
            assertThat(sample).contains("# " + entry.getKey() + ": " + entry.getValue() + "\n");
            assertThat(table).containsEntry(entry.getKey(), entry.getValue());
        }
        assertThat(table).hasSameSizeAs(defaults());
        assertThat(defaults().keySet()).doesNotContainAnyElementsOf(OF_THE_HUB).allMatch(key -> key.matches("[a-z][a-z0-9_]*"));
    }

    @Test
    void the_sample_is_in_the_readme_and_every_line_of_it_is_yaml_that_is_accepted() throws Exception {
        String sample = Files.readString(SAMPLE);
        assertThat(Files.readString(README)).contains("```yaml\n" + sample + "```");
        Map<String, Object> live = new TreeMap<>();
        Matcher option = Pattern.compile("(?m)^ {4}# ([a-z_]+): (\\S+)$").matcher(sample);
        while (option.find()) {
            live.put(option.group(1), typed(option.group(1), option.group(2)));
        }
        assertThat(live.keySet()).isEqualTo(defaults().keySet());
        assertThat(FilesystemSettings.from(TestConfig.of(live), "sample")).usingRecursiveComparison()
                .isEqualTo(FilesystemSettings.from(TestConfig.of(Map.of()), "sample"));
    }

    @Test
    void the_readme_has_its_sections_in_order() throws Exception {
        List<String> sections = Files.readString(README).lines().filter(line -> line.startsWith("## ")).toList();
        assertThat(sections).containsExactly("## What it does and does not guarantee", "## Status", "## Requirements and permissions",
                "## Quick start", "## Configuration", "## How messages are mapped",
                "## Failures: what is retried, what is rejected, what stops it", "## Metrics beyond the standard", "## Troubleshooting");
    }

    private static Object typed(String key, String text) {
        Class<?> type = Arrays.stream(FilesystemConfig.class.getDeclaredMethods()).filter(method -> TestConfig.key(method.getName()).equals(key))
                .findFirst().orElseThrow().getReturnType();
        if (type == int.class) {
            return Integer.valueOf(text);
        }
        if (type == long.class) {
            return Long.valueOf(text);
        }
        return type == boolean.class ? Boolean.valueOf(text) : text;
    }

    private static Map<String, String> defaults() {
        return Arrays.stream(FilesystemConfig.class.getDeclaredMethods()).collect(Collectors.toMap(method -> TestConfig.key(method.getName()),
                FilesystemSettingsTest::text, (one, two) -> one, TreeMap::new));
    }

    private static String text(Method method) {
        return method.getDefaultValue().toString();
    }

    private static Map<String, String> table() throws Exception {
        Map<String, String> table = new TreeMap<>();
        Matcher row = Pattern.compile("(?m)^\\| `([a-z_]+)` \\| [^|]+ \\| `([^`|]+)` \\|").matcher(Files.readString(README));
        while (row.find()) {
            table.put(row.group(1), row.group(2));
        }
        return table;
    }
}
