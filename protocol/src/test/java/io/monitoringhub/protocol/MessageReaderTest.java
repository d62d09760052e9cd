package io.monitoringhub.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class MessageReaderTest {

    private static final String HEAD = "{\"v\":1,\"src\":\"s\",\"ts\":1697821234567,\"tid\":\"t\",\"sid\":\"x\",\"pid\":\"\",\"type\":";
    private static final Message.Header HEADER =
            new Message.Header("s", 1697821234567L, Optional.of("t"), Optional.of("x"), Optional.empty());

    private final MessageReader reader = new MessageReader(ProtocolLimits.VERSION_1);

    @Test
    void readsAnEvent() throws RefusedException {
        assertThat(read("\"event\",\"data\":{\"level\":\"warn\",\"msg\":\"a\",\"msg\":\"b\",\"ctx\":{\"s\":\"t\",\"n\":1.50,"
                + "\"z\":null,\"o\":{\"a\":[1, \"é\"]}}}}"))
                .isEqualTo(new Message.Event(HEADER, "warn", "b", Map.of("s", "t", "n", "1.50", "z", "null", "o", "{\"a\":[1, \"é\"]}")));
    }

    @Test
    void readsAMetric() throws RefusedException {
        assertThat(read("\"metric\",\"data\":{\"name\":\"n\",\"value\":1e400,\"tags\":[]}}"))
                .isEqualTo(new Message.Metric(HEADER, "n", Double.POSITIVE_INFINITY, "", Map.of()));
    }

    @Test
    void readsProgress() throws RefusedException {
        assertThat(read("\"progress\",\"data\":{\"job_id\":12345,\"percent\":50,\"status\":\"half\"}}"))
                .isEqualTo(new Message.Progress(HEADER, "12345", 50, "half"));
    }

    @Test
    void readsResourcesWithFurtherNumbers() throws RefusedException {
        assertThat(read("\"resource\",\"data\":{\"cpu\":1.5,\"mem\":null,\"gpu\":7,\"gpu\":8,\"note\":\"x\"}}"))
                .isEqualTo(new Message.Resource(HEADER, Map.of("cpu", 1.5, "gpu", 8.0)));
    }

    @Test
    void readsAnOpenAndAClosingSpan() throws RefusedException {
        assertThat(read("\"span\",\"data\":{\"name\":\"load\",\"start\":5,\"end\":null}}"))
                .isEqualTo(new Message.Span(HEADER, "load", 5, OptionalDouble.empty(), "", Map.of()));
        assertThat(read("\"span\",\"data\":{\"name\":\"\",\"start\":0,\"end\":9,\"status\":\"ok\",\"tags\":{\"rows\":3}}}"))
                .isEqualTo(new Message.Span(HEADER, "", 0, OptionalDouble.of(9), "ok", Map.of("rows", "3")));
    }

    @Test
    void readsSignsOfLife() throws RefusedException {
        assertThat(read("\"heartbeat\"}")).isEqualTo(new Message.Heartbeat(HEADER));
        assertThat(read("\"goodbye\",\"data\":null}\n")).isEqualTo(new Message.Goodbye(HEADER));
    }

    @Test
    void leavesTheBufferAsItWas() throws RefusedException {
        ByteBuffer line = ByteBuffer.wrap((HEAD + "\"goodbye\"}").getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();

        reader.read(line);

        assertThat(line.position()).isZero();
    }

    @Test
    void refusesWhatIsNotExactlyOneMessage() {
        assertRefused("", RefusalCode.MALFORMED);
        assertRefused("\n", RefusalCode.MALFORMED);
        assertRefused(HEAD + "\"goodbye\"}\n" + HEAD + "\"goodbye\"}", RefusalCode.MALFORMED);
        assertRefused("{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"hello\",\"data\":"
                + "{\"client\":\"6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11\",\"next\":1}}",
                RefusalCode.UNEXPECTED_CONTROL);
        assertRefused("{\"v\":2}", RefusalCode.UNKNOWN_VERSION);
    }

    private Message read(String rest) throws RefusedException {
        return reader.read((HEAD + rest).getBytes(StandardCharsets.UTF_8));
    }

    private void assertRefused(String line, RefusalCode code) {
        assertThatThrownBy(() -> reader.read(line.getBytes(StandardCharsets.UTF_8))).isInstanceOf(RefusedException.class)
                .hasMessageContaining(code.word()).satisfies(e -> assertThat(((RefusedException) e).refusal().code()).isEqualTo(code));
    }
}
