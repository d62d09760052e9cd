package io.monitoringhub.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Reads one line into a {@link Message}. What is refused is decided by a {@link LineDecoder}, so the two can't disagree; the price is that
 * a line is read twice. For correlation, tools and tests, not for the hot path. Used by one thread at a time.
 */
public final class MessageReader {

    private final LineDecoder decoder;

    /** A reader with these limits. */
    public MessageReader(ProtocolLimits limits) {
        decoder = new LineDecoder(limits);
    }

    /** Reads the remaining bytes, which are one line with or without its newline. The buffer's position stays. */
    public Message read(ByteBuffer line) throws RefusedException {
        byte[] bytes = new byte[line.remaining()];
        line.duplicate().get(bytes);
        return read(bytes);
    }

    /**
     * Reads one line with or without its newline.
     *
     * @throws RefusedException when it is not exactly one message
     */
    public Message read(byte[] line) throws RefusedException {
        byte[] bytes = withNewline(line);
        Verdict verdict = new Verdict();
        decoder.decode(bytes, 0, bytes.length, verdict);
        if (verdict.refusal.isPresent()) {
            throw new RefusedException(verdict.refusal.get());
        }
        try (JsonParser parser = Parsers.apart(bytes, 0, bytes.length)) {
            return new Fields(bytes, parser).message(verdict.type);
        } catch (IOException impossible) {
            throw new IllegalStateException("cannot read a line that was read before: a bug of the decoder", impossible);
        }
    }

    private static byte[] withNewline(byte[] line) {
        if (line.length > 0 && line[line.length - 1] == '\n') {
            return line;
        }
        byte[] longer = Arrays.copyOf(line, line.length + 1);
        longer[line.length] = '\n';
        return longer;
    }

    /** Exactly one message, or why not. */
    private static final class Verdict implements LineReceiver {

        private Optional<Refusal> refusal = Optional.of(new Refusal(RefusalCode.MALFORMED, "the line is empty"));
        private Type type = Type.ERROR;
        private int lines;

        @Override
        public void message(byte[] bytes, int from, int to, Envelope envelope) {
            type = envelope.type();
            decide(Optional.empty());
        }

        @Override
        public void hello(byte[] bytes, int from, int to, Hello hello) {
            decide(Optional.of(new Refusal(RefusalCode.UNEXPECTED_CONTROL, "a hello is not a message")));
        }

        @Override
        public void refused(byte[] bytes, int from, int to, Refusal why) {
            decide(Optional.of(why));
        }

        private void decide(Optional<Refusal> decision) {
            lines++;
            refusal = lines == 1 ? decision : Optional.of(new Refusal(RefusalCode.MALFORMED, "there is more than one line"));
        }
    }

    /** The fields of a line that is known to be right: text and numbers of envelope and data, the maps in data. */
    private static final class Fields {

        private final byte[] bytes;
        private final JsonParser parser;
        private final Map<String, String> envelope = new LinkedHashMap<>();
        private final Map<String, String> data = new LinkedHashMap<>();
        private final Map<String, Double> numbers = new LinkedHashMap<>();
        private final Map<String, Map<String, String>> maps = new LinkedHashMap<>();

        Fields(byte[] bytes, JsonParser parser) throws IOException {
            this.bytes = bytes;
            this.parser = parser;
            parser.nextToken();
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (name.equals("data") && value == JsonToken.START_OBJECT) {
                    readData();
                } else if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
                    envelope.put(name, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
        }

        /** A field that stands there twice counts with its last value, so each value first removes what was there. */
        private void readData() throws IOException {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                data.remove(name);
                numbers.remove(name);
                maps.remove(name);
                JsonToken value = parser.nextToken();
                if (value == JsonToken.START_OBJECT) {
                    maps.put(name, flatMap());
                } else if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
                    data.put(name, parser.getText());
                    if (value.isNumeric()) {
                        numbers.put(name, Double.parseDouble(parser.getText()));
                    }
                } else {
                    parser.skipChildren();
                }
            }
        }

        private Map<String, String> flatMap() throws IOException {
            Map<String, String> map = new LinkedHashMap<>();
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                map.put(name, value.isStructStart() ? jsonText() : parser.getText());
            }
            return map;
        }

        /** The source text of the object or array that begins here. */
        private String jsonText() throws IOException {
            int from = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            int to = (int) parser.currentLocation().getByteOffset();
            return new String(bytes, from, to - from, StandardCharsets.UTF_8);
        }

        Message message(Type type) {
            Message.Header header = new Message.Header(envelope.get("src"), Long.parseLong(envelope.get("ts")),
                    id("tid"), id("sid"), id("pid"));
            return switch (type) {
                case EVENT -> new Message.Event(header, text("level"), text("msg"), map("ctx"));
                case METRIC -> new Message.Metric(header, text("name"), numbers.get("value"), text("unit"), map("tags"));
                case PROGRESS -> new Message.Progress(header, text("job_id"), numbers.get("percent"), text("status"));
                case RESOURCE -> new Message.Resource(header, numbers);
                case SPAN -> new Message.Span(header, text("name"), numbers.get("start"), end(), text("status"), map("tags"));
                case HEARTBEAT -> new Message.Heartbeat(header);
                case GOODBYE -> new Message.Goodbye(header);
                case HELLO, WELCOME, ACK, ERROR -> throw new IllegalStateException(type + " is not a message: a bug of the decoder");
            };
        }

        private Optional<String> id(String name) {
            return Optional.ofNullable(envelope.get(name)).filter(id -> !id.isEmpty());
        }

        private String text(String name) {
            return data.getOrDefault(name, "");
        }

        private Map<String, String> map(String name) {
            return maps.getOrDefault(name, Map.of());
        }

        private OptionalDouble end() {
            Double end = numbers.get("end");
            return end == null ? OptionalDouble.empty() : OptionalDouble.of(end);
        }
    }
}
