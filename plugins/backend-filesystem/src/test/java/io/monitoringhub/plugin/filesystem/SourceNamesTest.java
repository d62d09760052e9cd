package io.monitoringhub.plugin.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SourceNamesTest {

    @Test
    void ordinary_names_stay_as_they_are() {
        for (String name : List.of("queue-service", "Web_1", "app.v2.core", "user@host", "a")) {
            assertThat(SourceNames.element(name)).isEqualTo(name);
        }
    }

    @Test
    void hostile_names_lead_nowhere() {
        assertThat(SourceNames.element("..")).isEqualTo("%2E%2E");
        assertThat(SourceNames.element("../../etc/passwd")).isEqualTo("%2E.%2F..%2Fetc%2Fpasswd");
        assertThat(SourceNames.element(".hub-owner")).isEqualTo("%2Ehub-owner");
        assertThat(SourceNames.element("a\nb\0c")).isEqualTo("a%0Ab%00c");
        assertThat(SourceNames.element("-rf")).isEqualTo("%2Drf");
        assertThat(SourceNames.element("")).isEqualTo("%");
        assertThat(SourceNames.element("m\u00fcller")).isEqualTo("m%C3%BCller");
    }

    @Test
    void a_number_at_the_end_is_not_taken_for_a_second_file() {
        assertThat(SourceNames.element("app.1")).isEqualTo("app%2E1");
        assertThat(SourceNames.element("app.1.2")).isEqualTo("app.1%2E2");
    }

    @Test
    void long_names_are_cut_but_stay_apart() {
        String one = SourceNames.element("x".repeat(5_000) + "1");
        String two = SourceNames.element("x".repeat(5_000) + "2");
        assertThat(one).hasSizeLessThanOrEqualTo(SourceNames.MAX_LENGTH).isNotEqualTo(two);
    }

    @Property(tries = 2_000)
    void names_are_safe_and_never_the_same_for_two_sources(@ForAll("sources") List<String> sources) {
        Map<String, String> sourceOf = new HashMap<>();
        for (String source : sources) {
            String name = SourceNames.element(source);
            assertThat(name).matches("[A-Za-z0-9_@%][A-Za-z0-9_@%.-]*").hasSizeLessThanOrEqualTo(SourceNames.MAX_LENGTH);
            String before = sourceOf.put(name, source);
            assertThat(before == null || before.equals(source)).as("%s for two sources", name).isTrue();
        }
    }

    @Provide
    Arbitrary<List<String>> sources() {
        return Arbitraries.strings().withChars('a', '.', '%', '/', '2', 'E', 'u', 'D', '8', '0', '?', '\0', '\n', '-', '\u00e9', '\ud800',
                '\udc00').ofMaxLength(60).list().ofMaxSize(30);
    }
}
