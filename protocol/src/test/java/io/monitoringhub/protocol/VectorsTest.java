package io.monitoringhub.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.monitoringhub.protocol.Vectors.Vector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VectorsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static Stream<Vector> forHubs() {
        return Vectors.forHubs();
    }

    private static Stream<Vector> replies() {
        return Vectors.replies();
    }

    @ParameterizedTest
    @MethodSource("forHubs")
    void decodesAsTheVectorSays(Vector vector) {
        ObjectNode actual = JSON.createObjectNode();
        ArrayNode lines = actual.putArray("lines");
        int end = new LineDecoder(ProtocolLimits.VERSION_1).decode(vector.bytes(), 0, vector.bytes().length, new Tagger(lines));
        actual.put("partial_bytes", Integer.toString(vector.bytes().length - end));

        assertThat(actual.toPrettyString()).isEqualTo(vector.expected().toPrettyString());
    }

    @ParameterizedTest
    @MethodSource("forHubs")
    void decodesLineByLineWithTheSameResult(Vector vector) {
        List<String> alone = Vectors.lines(vector.bytes()).stream()
                .flatMap(line -> Recorder.of(withNewline(line)).calls.stream()).collect(Collectors.toList());

        assertThat(Recorder.of(vector.bytes()).calls).isEqualTo(alone);
    }

    @ParameterizedTest
    @MethodSource("forHubs")
    void typedReaderAgreesWithTheDecoder(Vector vector) {
        List<byte[]> lines = Vectors.lines(vector.bytes());
        JsonNode expected = vector.expected().get("lines");
        assertThat(lines).hasSize(expected.size());
        MessageReader reader = new MessageReader(ProtocolLimits.VERSION_1);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(read(reader, lines.get(i))).as("line %d", i + 1).isEqualTo(summary(expected.get(i)));
        }
    }

    @ParameterizedTest
    @MethodSource("replies")
    void hubWritesWhatTheRepliesSay(Vector vector) throws IOException {
        List<byte[]> lines = Vectors.lines(vector.bytes());
        JsonNode expected = vector.expected().get("replies");
        assertThat(lines).hasSize(expected.size());
        for (int i = 0; i < lines.size(); i++) {
            Optional<byte[]> written = write(expected.get(i));
            if (written.isPresent()) {
                ObjectNode data = (ObjectNode) JSON.readTree(lines.get(i)).get("data");
                data.remove("more");
                assertThat(JSON.readTree(written.get()).get("data")).as("line %d", i + 1).isEqualTo(data);
            }
        }
    }

    /** Nothing for lines that only a later version would write. */
    private static Optional<byte[]> write(JsonNode reply) {
        if (reply.has("welcome")) {
            JsonNode welcome = reply.get("welcome");
            return Optional.of(ControlLines.welcome(welcome.get("acked").asLong(), welcome.get("hub").asText(),
                    welcome.get("max_message").asInt(), Optional.ofNullable(welcome.get("compress")).map(JsonNode::asText)));
        }
        if (reply.has("ack")) {
            return Optional.of(ControlLines.ack(reply.get("ack").get("seq").asLong()));
        }
        JsonNode error = reply.path("error");
        return Arrays.stream(RefusalCode.values()).filter(code -> code.word().equals(error.path("code").asText())).findFirst()
                .map(code -> ControlLines.error(error.get("seq").asLong(), new Refusal(code, error.get("reason").asText())));
    }

    @Test
    void indexListsEveryFile() throws IOException {
        try (Stream<Path> files = Files.walk(Vectors.FOLDER)) {
            List<String> found = files.map(path -> Vectors.FOLDER.relativize(path).toString().replace('\\', '/'))
                    .filter(name -> name.endsWith(".ldjson")).map(name -> name.substring(0, name.length() - ".ldjson".length()))
                    .sorted().collect(Collectors.toList());
            assertThat(Vectors.index()).isEqualTo(found);
        }
    }

    @Test
    void everyCodeOfTheDecoderHasAVector() {
        String expectations = Vectors.forHubs().map(vector -> vector.expected().toString()).collect(Collectors.joining());
        for (RefusalCode code : RefusalCode.values()) {
            if (code.compareTo(RefusalCode.UNAUTHORIZED) < 0) {
                assertThat(expectations).contains("{\"refused\":\"" + code.word() + "\"}");
            }
        }
    }

    private static byte[] withNewline(byte[] line) {
        byte[] longer = Arrays.copyOf(line, line.length + 1);
        longer[line.length] = '\n';
        return longer;
    }

    private static String read(MessageReader reader, byte[] line) {
        try {
            Message message = reader.read(ByteBuffer.wrap(line));
            Message.Header header = message.header();
            String level = message instanceof Message.Event event ? event.level() : "";
            return message.type().word() + " " + header.source() + " " + header.timestamp() + " " + level + " "
                    + (header.traceId().isPresent() ? "present" : "absent");
        } catch (RefusedException e) {
            return e.refusal().code().word();
        }
    }

    private static String summary(JsonNode line) {
        if (line.has("refused")) {
            return line.get("refused").asText();
        }
        if (line.has("hello")) {
            return RefusalCode.UNEXPECTED_CONTROL.word();
        }
        JsonNode envelope = line.get("envelope");
        return envelope.get("type").asText() + " " + envelope.get("src").asText() + " " + envelope.get("ts").asText() + " "
                + envelope.path("level").asText() + " " + envelope.get("tid").asText();
    }

    /** Writes what the decoder said in the form of the vectors. */
    private record Tagger(ArrayNode lines) implements LineReceiver {

        private static final List<String> LEVELS = List.of("debug", "info", "warn", "error", "fatal");
        private static final JsonFactory FACTORY = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(100_000).build()).build();

        @Override
        public void message(byte[] bytes, int from, int to, Envelope envelope) {
            ObjectNode line = lines.addObject();
            ObjectNode fields = line.putObject("envelope").put("type", envelope.type().word()).put("src", envelope.source())
                    .put("ts", Long.toString(envelope.timestamp())).put("tid", envelope.hasTraceId() ? "present" : "absent");
            if (envelope.level() >= 0) {
                fields.put("level", LEVELS.get(envelope.level()));
            }
            try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
                parser.nextToken();
                line.set("message", tagged(parser));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read an accepted line", e);
            }
        }

        @Override
        public void hello(byte[] bytes, int from, int to, Hello hello) {
            lines.addObject().putObject("hello").put("src", hello.source()).put("client", hello.client())
                    .put("next", Long.toString(hello.next())).put("sdk", hello.sdk())
                    .put("token", hello.token().isPresent() ? "present" : "absent");
        }

        @Override
        public void refused(byte[] bytes, int from, int to, Refusal refusal) {
            lines.addObject().put("refused", refusal.code().word());
        }

        private static ObjectNode tagged(JsonParser parser) throws IOException {
            JsonToken token = parser.currentToken();
            ObjectNode node = JSON.createObjectNode();
            if (token == JsonToken.START_OBJECT) {
                ArrayNode pairs = node.putArray("o");
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    ArrayNode pair = pairs.addArray().add(text(parser.currentName()));
                    parser.nextToken();
                    pair.add(tagged(parser));
                }
                return node;
            }
            if (token == JsonToken.START_ARRAY) {
                ArrayNode items = node.putArray("a");
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(tagged(parser));
                }
                return node;
            }
            return scalar(parser, token, node);
        }

        private static ObjectNode scalar(JsonParser parser, JsonToken token, ObjectNode node) throws IOException {
            return switch (token) {
                case VALUE_STRING -> text(parser.getText());
                case VALUE_NULL -> node.put("z", "");
                case VALUE_TRUE, VALUE_FALSE -> node.put("b", parser.getText());
                default -> node.put("n", parser.getText());
            };
        }

        private static ObjectNode text(String text) {
            ObjectNode node = JSON.createObjectNode();
            boolean wellFormed = StandardCharsets.UTF_8.newEncoder().canEncode(text);
            return wellFormed ? node.put("s", text) : node.put("u16", text.chars().mapToObj(c -> String.format("%04x", c))
                    .collect(Collectors.joining(" ")));
        }
    }
}
