package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class MessageScannerTest {

    private final MessageScanner scanner = new MessageScanner();

    /** Trace, span, parent, data and extra as text; null for NULL. */
    private List<String> parts(String message) {
        byte[] line = ("....." + message + "\n").getBytes(StandardCharsets.UTF_8);
        scanner.scan(line, 5, line.length - 1);
        RowBuffer row = new RowBuffer();
        scanner.putText(MessageScanner.Part.TRACE, row);
        scanner.putText(MessageScanner.Part.SPAN, row);
        scanner.putText(MessageScanner.Part.PARENT, row);
        scanner.putData(row);
        scanner.putExtra(row);
        ByteBuffer values = ByteBuffer.wrap(row.memory(), 0, row.size());
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int length = values.getInt();
            if (length < 0) {
                parts.add(null);
                continue;
            }
            byte[] value = new byte[length];
            values.get(value);
            boolean isJson = i >= 3;
            assertThat(!isJson || value[0] == 1).as("jsonb begins with its version").isTrue();
            parts.add(new String(value, isJson ? 1 : 0, length - (isJson ? 1 : 0), StandardCharsets.UTF_8));
        }
        return parts;
    }

    @Test
    void finds_the_parts_in_any_order_and_with_white_space() {
        assertThat(parts("{ \"data\" : {\"a\":[1,{\"b\":\"}\\\"]\"}], \"tid\":\"no\"} , \"pid\":\"p\",\"v\":1,\"sid\":\"s\",\"type\":\"span\",\r\t\"tid\": \"t-\u00fc\" }"))
                .containsExactly("t-\u00fc", "s", "p", "{\"a\":[1,{\"b\":\"}\\\"]\"}], \"tid\":\"no\"}", null);
    }

    @Test
    void null_and_empty_identifiers_are_absent_and_so_is_data_that_is_null() {
        assertThat(parts("{\"v\":1,\"tid\":null,\"sid\":\"\",\"data\":null}")).containsExactly(null, null, null, null, null);
    }

    @Test
    void names_and_values_may_be_escaped() {
        assertThat(parts("{\"\\u0074id\":\"a\\u00e9\\ud83d\\ude80\\/\\\"\",\"d\\u0061ta\":{}}")).containsExactly("a\u00e9\ud83d\ude80/\"", null, null, "{}", null);
    }

    @Test
    void fields_of_the_envelope_without_a_column_are_kept() {
        assertThat(parts("{\"v\":1,\"src\":\"s\",\"zone\":\"eu\",\"ts\":1,\"type\":\"event\",\"x\":[1, 2],\"data\":{},\"tod\":null}"))
                .containsExactly(null, null, null, "{}", "{\"zone\":\"eu\",\"x\":[1, 2],\"tod\":null}");
    }

    @Test
    void what_jsonb_cannot_hold_is_noticed() {
        assertThat(poison("{\"data\":{\"a\":\"x\\u0000y\"}}")).contains("u0000");
        assertThat(poison("{\"data\":{\"\\u0000\":1}}")).contains("u0000");
        assertThat(poison("{\"data\":{\"a\":\"\\ud800\"}}")).contains("surrogate");
        assertThat(poison("{\"data\":{\"a\":\"\\ud800\\ud800\"}}")).contains("surrogate");
        assertThat(poison("{\"data\":{\"a\":\"\\udc00\"}}")).contains("surrogate");
        assertThat(poison("{\"data\":{\"a\":\"\\ud83d\\ude80 \\\\u0000 \\u0001\"}}")).isNull();
    }

    private String poison(String message) {
        parts(message);
        return scanner.poison();
    }

    @Property(tries = 300)
    void any_text_in_data_is_passed_on_as_it_is(@ForAll @StringLength(max = 40) String text) {
        String data = "{\"msg\":\"" + escaped(text) + "\",\"n\":-1.5e3}";
        assertThat(parts("{\"v\":1,\"data\":" + data + ",\"tid\":\"t\"}")).containsExactly("t", null, null, data, null);
    }

    private static String escaped(String text) {
        StringBuilder json = new StringBuilder();
        text.chars().forEach(c -> json.append(c < ' ' || c == '"' || c == '\\' || Character.isSurrogate((char) c)
                ? String.format("\\u%04x", c) : String.valueOf((char) c)));
        return json.toString();
    }
}
