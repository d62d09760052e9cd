package io.monitoringhub.delivery.deadletters;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The one line of JSON that a dead letter is kept as. The message is text where it is UTF-8, else base64. */
final class DeadLetterLine {

    private DeadLetterLine() {
    }

    static void append(DeadLetter letter, StringBuilder line) {
        text(line.append('{'), "lane", letter.lane());
        text(line.append(','), "log", letter.logId());
        line.append(",\"offset\":").append(letter.offset());
        text(line.append(','), "time", letter.time().toString());
        text(line.append(','), "source", letter.source());
        text(line.append(','), "reason", letter.reason());
        text(line.append(','), "detail", letter.detail());
        try {
            String message = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(letter.message())).toString();
            text(line.append(','), "message", message);
        } catch (CharacterCodingException noText) {
            text(line.append(','), "message_base64", Base64.getEncoder().encodeToString(letter.message()));
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
                line.append(String.format("\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }
}
