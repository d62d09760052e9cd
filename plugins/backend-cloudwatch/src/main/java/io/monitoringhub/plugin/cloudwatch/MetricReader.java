package io.monitoringhub.plugin.cloudwatch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.thirdparty.jackson.core.JsonFactory;
import software.amazon.awssdk.thirdparty.jackson.core.JsonParser;
import software.amazon.awssdk.thirdparty.jackson.core.JsonToken;

/**
 * Reads what a metric or a resource says, with the JSON parser that the AWS SDK carries.
 *
 * <p>Used by one thread at a time.
 */
final class MetricReader {

    private final JsonFactory json = new JsonFactory();

    /**
     * The members of {@code data}. Immutable.
     *
     * @param numbers by name; a number that is too large is infinite
     * @param tags the members of {@code tags}, numbers and booleans as text
     */
    record Reading(Map<String, String> texts, Map<String, Double> numbers, Map<String, String> tags) {

        Optional<String> text(String name) {
            return Optional.ofNullable(texts.get(name));
        }

        Optional<Double> number(String name) {
            return Optional.ofNullable(numbers.get(name));
        }
    }

    /** @throws IOException when it is no JSON object */
    Reading read(ByteBuffer message) throws IOException {
        byte[] bytes = new byte[message.remaining()];
        message.duplicate().get(bytes);
        Reading reading = new Reading(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        try (JsonParser parser = json.createParser(bytes)) {
            expectObject(parser.nextToken());
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() == JsonToken.START_OBJECT && name.equals("data")) {
                    data(parser, reading);
                } else {
                    parser.skipChildren();
                }
            }
        }
        return reading;
    }

    private static void expectObject(JsonToken token) throws IOException {
        if (token != JsonToken.START_OBJECT) {
            throw new IOException("expected a JSON object");
        }
    }

    private static void data(JsonParser parser, Reading reading) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (token == JsonToken.VALUE_STRING) {
                reading.texts().put(name, parser.getText());
            } else if (token.isNumeric()) {
                reading.numbers().put(name, parser.getDoubleValue());
            } else if (token == JsonToken.START_OBJECT && name.equals("tags")) {
                tags(parser, reading);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static void tags(JsonParser parser, Reading reading) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
                reading.tags().put(name, parser.getText());
            } else {
                parser.skipChildren();
            }
        }
    }
}
