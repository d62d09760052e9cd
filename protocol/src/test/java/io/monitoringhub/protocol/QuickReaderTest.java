package io.monitoringhub.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the quick reader takes and what it leaves. That it agrees with the parser is {@link LineDecoderModelTest}'s to show. */
class QuickReaderTest {

    private static final String START = "{\"v\":1,\"src\":\"s\",\"ts\":1,";

    @ParameterizedTest
    @ValueSource(strings = {
        START + "\"type\":\"event\",\"tid\":\"t\",\"data\":{\"level\":\"warn\",\"msg\":\"a \\\"b\\\" \\u00e9 ä\",\"ctx\":{\"a\":[1,{},[],{\"b\":null}]}}}",
        START + "\"type\":\"metric\",\"data\":{\"name\":\"n\",\"value\":-1.5e-3,\"unit\":\"ms\",\"tags\":{}}}",
        START + "\"type\":\"progress\",\"data\":{\"job_id\":7,\"percent\":99.5,\"status\":\"running\"}}",
        START + "\"type\":\"resource\",\"data\":{\"cpu\":0,\"mem\":null,\"disk\":10,\"net\":0.1,\"more\":[true,false,null,\"x\"]}}",
        START + "\"type\":\"span\",\"tid\":\"t\",\"sid\":\"s\",\"pid\":null,\"data\":{\"name\":\"\",\"start\":0,\"end\":9,\"tags\":{\"k\":\"v\"}}}",
        "{ \"type\" : \"heartbeat\" , \"ts\":1,\"src\":\"s\",\"v\":1,\"unknown\":{\"a\":1} }"})
    void takesWhatClientsWrite(String line) {
        assertThat(isTaken(line)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{}", "{\"v\":1", "{\"v\":1,}", "{\"v\":11}", "{\"v\":1.0}",
        START + "\"type\":\"hello\",\"data\":{}}",
        START + "\"type\":\"heartbeat\"}}", START + "\"type\":\"heartbeat\"} x", START + "\"ts\":2,\"type\":\"heartbeat\"}",
        START + "\"type\":\"heartbeat\",\"tid\":\"\\u0041\"}", START + "\"type\":\"heartbeat\",\"t\\u0069d\":\"a\"}",
        START + "\"type\":\"heartbeat\",\"tid\":\"ä\"}", START + "\"type\":\"heartbeat\",\"x\":01}", START + "\"type\":\"heartbeat\",\"x\":1.}",
        START + "\"type\":\"heartbeat\",\"x\":\"\\x\"}", START + "\"type\":\"heartbeat\",\"x\":\"\t\"}", START + "\"type\":\"heartbeat\",\"x\":nul}",
        START + "\"type\":\"heartbeat\",\"x\":[1,]}", START + "\"type\":\"heartbeat\",\"x\":{\"a\"}}", START + "\"type\":\"heartbeat\",\"x\":[}}",
        START + "\"type\":\"heartbeat\",\"x\":{\"\\ud83e\":1}}",
        START + "\"type\":\"progress\",\"data\":{\"job_id\":\"j\",\"percent\":101}}"})
    void leavesWhatIsUnusualOrWrongToTheParser(String line) {
        assertThat(isTaken(line)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void neverLooksBehindTheLine(String cut) {
        assertThat(isTaken(cut)).isFalse();
    }

    static Stream<String> cuts() {
        String line = START + "\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"a\\u00e9\",\"ctx\":{\"a\":[true,false,null,-1.5e7]}}}";
        return Stream.iterate(1, length -> length < line.length(), length -> length + 1).map(length -> line.substring(0, length));
    }

    @Test
    void depthBeyondItsOwnIsLeftToTheParser() {
        assertThat(isTaken(START + "\"type\":\"heartbeat\",\"x\":" + "[".repeat(32) + "]".repeat(32) + "}")).isTrue();
        assertThat(isTaken(START + "\"type\":\"heartbeat\",\"x\":" + "[".repeat(33) + "]".repeat(33) + "}")).isFalse();
    }

    private static boolean isTaken(String line) {
        EnvelopeReader reader = new EnvelopeReader(ProtocolLimits.VERSION_1.maxDepth());
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        return new QuickReader(reader).read(bytes, 0, bytes.length - 1) && reader.fault().isEmpty();
    }
}
