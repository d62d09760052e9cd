package io.monitoringhub.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Reads the data of a hello whose envelope is already known to be right. One per line: hellos are rare. Used by one thread at a time.
 */
final class HelloReader {

    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final int MAX_TOKEN_CHARS = 4096;
    private static final int MAX_METHODS = 16;

    private Optional<UUID> client = Optional.empty();
    private long next;
    private String sdk = "";
    private Optional<String> token = Optional.empty();
    private final List<String> compress = new ArrayList<>();
    private String fault = "";

    /** What is wrong; {@code ""} if nothing. */
    String fault() {
        return fault;
    }

    /** The hello, if there is no fault. */
    Hello hello(Envelope envelope) {
        return new Hello(envelope.source(), envelope.timestamp(), client.orElseThrow(), next, sdk, token, compress);
    }

    void read(JsonParser parser) throws IOException {
        parser.nextToken();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (name.equals("data") && value == JsonToken.START_OBJECT) {
                readData(parser);
            } else {
                parser.skipChildren();
            }
        }
        if (client.isEmpty()) {
            fault = "'client' must be a UUID: 8-4-4-4-12 hexadecimal digits";
        } else if (next < 1) {
            fault = "'next' must be an integer from 1 to 9223372036854775807";
        }
    }

    private void readData(JsonParser parser) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            switch (name) {
                case "client" -> client = uuid(text(parser, value));
                case "next" -> next = number(parser, value);
                case "sdk" -> sdk = readSdk(parser, value);
                case "token" -> token = readToken(parser, value);
                case "compress" -> readCompress(parser, value);
                default -> {
                }
            }
            parser.skipChildren();
        }
    }

    private String readSdk(JsonParser parser, JsonToken value) throws IOException {
        String text = text(parser, value);
        if (value != JsonToken.VALUE_NULL && (value != JsonToken.VALUE_STRING || !isIdentifier(text))) {
            fault = "'sdk' must be null or a string, " + Identifiers.RULE;
        }
        return text;
    }

    private Optional<String> readToken(JsonParser parser, JsonToken value) throws IOException {
        String text = text(parser, value);
        if (value != JsonToken.VALUE_NULL && (value != JsonToken.VALUE_STRING || text.length() > MAX_TOKEN_CHARS)) {
            fault = "'token' must be null or a string of at most " + MAX_TOKEN_CHARS + " characters";
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private void readCompress(JsonParser parser, JsonToken value) throws IOException {
        compress.clear();
        boolean isGood = value == JsonToken.VALUE_NULL;
        if (value == JsonToken.START_ARRAY) {
            isGood = true;
            for (JsonToken method = parser.nextToken(); method != JsonToken.END_ARRAY; method = parser.nextToken()) {
                String text = text(parser, method);
                isGood &= method == JsonToken.VALUE_STRING && isIdentifier(text) && compress.size() < MAX_METHODS;
                compress.add(text);
                parser.skipChildren();
            }
        }
        if (!isGood) {
            fault = "'compress' must be null or an array of at most " + MAX_METHODS + " strings, each " + Identifiers.RULE;
        }
    }

    private static String text(JsonParser parser, JsonToken value) throws IOException {
        return value == JsonToken.VALUE_STRING ? parser.getText() : "";
    }

    /** The number, or 0 if it is none that can be a line's. */
    private static long number(JsonParser parser, JsonToken value) throws IOException {
        if (value != JsonToken.VALUE_NUMBER_INT || parser.getTextLength() > 19) {
            return 0;
        }
        try {
            return Long.parseLong(parser.getText());
        } catch (NumberFormatException beyondLong) {
            return 0;
        }
    }

    private static Optional<UUID> uuid(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return UUID_TEXT.matcher(lower).matches() ? Optional.of(UUID.fromString(lower)) : Optional.empty();
    }

    private static boolean isIdentifier(String text) {
        return Identifiers.isIdentifier(text.toCharArray(), 0, text.length());
    }
}
