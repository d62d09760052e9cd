package io.monitoringhub.plugin.cloudwatch;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * What is stored as a log event: the message as it came, with {@code log_id} and {@code log_offset} as its last two members.
 *
 * <p>The two name the entry for ever, so a query can tell an event that is there twice; without them it is the client's own bytes again.
 */
final class LogMessage {

    private LogMessage() {
    }

    /** @throws CharacterCodingException when the message is no UTF-8, or no JSON object */
    static String of(ByteBuffer message, String logId, long offset) throws CharacterCodingException {
        String text = StandardCharsets.UTF_8.newDecoder().decode(message.duplicate()).toString();
        int end = text.lastIndexOf('}');
        if (end < 0) {
            throw new CharacterCodingException();
        }
        return text.substring(0, end) + ",\"log_id\":\"" + logId + "\",\"log_offset\":" + offset + text.substring(end);
    }
}
