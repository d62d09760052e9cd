package io.monitoringhub.delivery.deadletters;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/** The one line of JSON that a dead letter is kept as. The message is text where it is UTF-8, else base64. */
final class DeadLetterLine {

    private DeadLetterLine() {
    }

    static void append(DeadLetter letter, StringBuilder line) {
        DeadLetter.Entry entry = letter.entry();
        text(line.append('{'), "lane", letter.lane());
        text(line.append(','), "log", letter.id().logId());
        line.append(",\"offset\":").append(letter.offset());
        text(line.append(','), "time", letter.time().toString());
        text(line.append(','), "source", entry.source());
        text(line.append(','), "type", entry.type().word());
        entry.level().ifPresent(level -> text(line.append(','), "level", level.word()));
        line.append(",\"ts\":").append(entry.timestamp()).append(",\"received\":").append(entry.receivedAt());
        text(line.append(','), "reason", letter.reason());
        text(line.append(','), "detail", letter.detail());
        try {
            String message = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(entry.message())).toString();
            text(line.append(','), "message", message);
        } catch (CharacterCodingException noText) {
            text(line.append(','), "message_base64", Base64.getEncoder().encodeToString(entry.message()));
        }
        line.append("}\n");
    }

    private static void text(StringBuilder line, String key, String value) {
        line.append('"').append(key).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < 0x20 || Character.isSurrogate(c)) {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    /** The letter that stands in a line; empty where none does, such as in half a line or in one that a person changed. */
    static Optional<DeadLetter> read(String line) {
        try {
            Map<String, String> fields = new Fields(line).read();
            byte[] message = fields.containsKey("message_base64") ? Base64.getDecoder().decode(fields.get("message_base64"))
                    : field(fields, "message").getBytes(StandardCharsets.UTF_8);
            DeadLetter.Entry entry = new DeadLetter.Entry(field(fields, "source"), MessageType.of(field(fields, "type")).orElseThrow(),
                    Optional.ofNullable(fields.get("level")).map(word -> Level.of(word).orElseThrow()), Long.parseLong(field(fields, "ts")),
                    Long.parseLong(field(fields, "received")), message);
            return Optional.of(new DeadLetter(field(fields, "lane"), new DeadLetter.Id(field(fields, "log"), Long.parseLong(field(fields, "offset"))),
                    Instant.parse(field(fields, "time")), field(fields, "reason"), field(fields, "detail"), entry));
        } catch (IllegalArgumentException | IndexOutOfBoundsException | DateTimeException | NoSuchElementException noLetter) {
            return Optional.empty();
        }
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return value;
    }

    /** Reads one flat object of strings and whole numbers. Used by one thread at a time. */
    private static final class Fields {

        private final String line;
        private int at;

        private Fields(String line) {
            this.line = line;
        }

        Map<String, String> read() {
            Map<String, String> fields = new HashMap<>();
            expect('{');
            do {
                String name = string();
                expect(':');
                fields.put(name, peek() == '"' ? string() : number());
            } while (take() == ',');
            if (line.charAt(at - 1) != '}' || at != line.length()) {
                throw new IllegalArgumentException("no end");
            }
            return fields;
        }

        private String string() {
            expect('"');
            StringBuilder text = new StringBuilder();
            for (char c = line.charAt(at++); c != '"'; c = line.charAt(at++)) {
                text.append(c == '\\' ? escaped() : c);
            }
            return text.toString();
        }

        private char escaped() {
            char c = take();
            if (c != 'u') {
                return c;
            }
            at += 4;
            return (char) Integer.parseInt(line.substring(at - 4, at), 16);
        }

        private String number() {
            int from = at;
            while (Character.isDigit(line.charAt(at)) || line.charAt(at) == '-') {
                at++;
            }
            return line.substring(from, at);
        }

        private char peek() {
            return line.charAt(at);
        }

        private char take() {
            return line.charAt(at++);
        }

        private void expect(char c) {
            if (take() != c) {
                throw new IllegalArgumentException("expected " + c);
            }
        }
    }
}
