package io.monitoringhub.plugin.s3;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceElementTest {

    @ParameterizedTest
    @CsvSource({"queue-service, queue-service", "a.b_C-9, a.b_C-9", "../etc, !2E.!2Fetc", "'', !", "gr\u00fc\u00df, gr!C3!BC!C3!9F",
        "a!b, a!21b", "{offsets}, !7Boffsets!7D"})
    void plain_characters_stay_and_all_else_is_escaped(String source, String expected) {
        assertThat(SourceElement.of(source)).isEqualTo(expected);
    }

    @Property
    void is_safe_in_a_key_and_bounded(@ForAll String source) {
        assertThat(SourceElement.of(source)).matches("[A-Za-z0-9_!-][A-Za-z0-9_.!-]*").hasSizeLessThanOrEqualTo(SourceElement.MAX_LENGTH);
    }

    @Property
    void no_two_sources_share_one(@ForAll String one, @ForAll String other) {
        assertThat(SourceElement.of(one).equals(SourceElement.of(other))).isEqualTo(one.equals(other));
    }
}
