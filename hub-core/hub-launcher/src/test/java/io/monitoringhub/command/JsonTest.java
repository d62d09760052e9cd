package io.monitoringhub.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void maps_lists_and_values_in_their_order_without_what_is_not_there() {
        assertThat(Json.text(Json.map("b", 1, "a", List.of(true, 0.5, "x"), "none", Optional.empty(), "some", Optional.of("y"), "null", null)))
                .isEqualTo("{\"b\":1,\"a\":[true,0.5,\"x\"],\"some\":\"y\"}");
        assertThat(Json.text(List.of(Json.map(), List.of(), new Json.Raw("{\"own\":1}")))).isEqualTo("[{},[],{\"own\":1}]");
    }

    @Test
    void text_is_quoted_and_what_is_no_number_in_json_is_text() {
        assertThat(Json.text("a\"b\\c\n\t\u0001\u007f é\ud83d\ude00")).isEqualTo("\"a\\\"b\\\\c\\n\\t\\u0001\\u007f é\\ud83d\\ude00\"");
        assertThat(Json.text(Double.NaN)).isEqualTo("\"NaN\"");
    }

    @Test
    void an_error_has_its_text_and_its_exit_code() {
        assertThat(Json.error(64, "no\nlane")).isEqualTo("{\"error\":\"no\\nlane\",\"exit_code\":64}");
    }
}
