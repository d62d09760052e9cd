package io.monitoringhub.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.plugin.http.body.Body;
import io.monitoringhub.plugin.http.body.BodyForm;
import io.monitoringhub.plugin.http.body.BodyReading;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** However a document is laid out, its lines are its elements, with their strings and numbers as they were. */
class DocumentsModelTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Property(tries = 500)
    void lines_are_the_elements(@ForAll("values") List<String> values, @ForAll("layouts") List<String> layout, @ForAll boolean envelope)
            throws Exception {
        List<String> lines = lines(laidOut(envelope ? "{\"events\":[" + String.join(",", values) + "]}" : "[" + String.join(",", values) + "]",
                layout));
        assertThat(lines).isEqualTo(values);
    }

    @Property(tries = 500)
    void what_a_parser_refuses_is_refused_or_its_lines_are_none(@ForAll("values") List<String> values, @ForAll int at, @ForAll byte by)
            throws Exception {
        byte[] document = ("[" + String.join(",", values) + "]").getBytes(StandardCharsets.UTF_8);
        document[Math.floorMod(at, document.length)] = by;
        JsonNode parsed = parsed(new String(document, StandardCharsets.ISO_8859_1));
        List<String> lines;
        try {
            lines = lines(new String(document, StandardCharsets.ISO_8859_1));
        } catch (java.io.IOException refused) {
            assertThat(parsed == null || !parsed.isArray()).as("%s: %s", new String(document, StandardCharsets.ISO_8859_1), refused).isTrue();
            return;
        }
        if (parsed != null && parsed.isArray()) {
            assertThat(lines).hasSize(parsed.size());
        } else if (parsed == null && !lines.isEmpty()) {
            assertThat(lines).anyMatch(line -> parsed(line) == null);
        }
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.reader().with(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(text);
        } catch (java.io.IOException broken) {
            return null;
        }
    }

    private static List<String> lines(String document) throws java.io.IOException {
        Body body = new Body();
        for (byte each : document.getBytes(StandardCharsets.ISO_8859_1)) {
            byte[] piece = body.piece();
            piece[piece.length - body.room()] = each;
            body.wrote(1);
        }
        BodyReading reading = BodyReading.of(body, null, BodyForm.DOCUMENT, 1 << 20);
        reading.look();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        reading.read(all::write);
        return new ArrayList<>(all.toString(StandardCharsets.ISO_8859_1).lines().toList());
    }

    /** White space where there may be some: around brackets, commas and colons that are not in strings. */
    private static String laidOut(String document, List<String> spaces) {
        StringBuilder text = new StringBuilder();
        boolean inString = false;
        int next = 0;
        for (int i = 0; i < document.length(); i++) {
            char c = document.charAt(i);
            boolean mayHaveSpace = !inString && "[]{},:".indexOf(c) >= 0;
            text.append(mayHaveSpace ? spaces.get(next++ % spaces.size()) : "").append(c).append(mayHaveSpace ? spaces.get(next++ % spaces.size()) : "");
            if (c == '\\' && inString) {
                text.append(document.charAt(++i));
            } else if (c == '"') {
                inString = !inString;
            }
        }
        return text.toString();
    }

    @Provide
    Arbitrary<List<String>> layouts() {
        return Arbitraries.of("", " ", "\n", "\r\n", "\t", "  \n  ").list().ofMinSize(1).ofMaxSize(7);
    }

    @Provide
    Arbitrary<List<String>> values() {
        return Arbitraries.lazyOf(this::value, this::value).list().ofMinSize(1).ofMaxSize(4);
    }

    private Arbitrary<String> value() {
        Arbitrary<String> scalar = Arbitraries.of("1", "-1.5e10", "true", "null", "\"a b\"", "\"\\\"[{,:\"", "\"\\\\\"", "\"x\\n\"", "{}", "[]", "\"\"");
        Arbitrary<String> object = Combinators.combine(scalar, scalar).as((one, two) -> "{\"k \":" + one + ",\"l\":[" + two + "," + one + "]}");
        return Arbitraries.oneOf(scalar, object);
    }
}
