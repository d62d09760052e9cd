package io.monitoringhub.sdk.internal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line that the hub has sent, read as far as a client needs it. Not a JSON parser: the quotes of these patterns can't occur inside a JSON string.
 * Immutable.
 *
 * @param type welcome, ack, error, or what a later version may send
 * @param seq the line that an ack or an error is about, -1 if it doesn't say
 * @param acked what welcome says the hub has, -1 if it doesn't say
 * @param maxMessage the longest line that the hub takes, -1 if it doesn't say
 * @param compress how what follows a welcome is to be compressed, {@code ""} for not at all
 * @param reason why an error is one, code and text
 */
record Answer(String type, long seq, long acked, long maxMessage, String compress, String reason) {

    private static final Pattern TYPE = Pattern.compile("\"type\"\\s*:\\s*\"(\\w+)\"");
    private static final Pattern SEQ = Pattern.compile("\"seq\"\\s*:\\s*([0-9]{1,18})");
    private static final Pattern ACKED = Pattern.compile("\"acked\"\\s*:\\s*([0-9]{1,18})");
    private static final Pattern MAX_MESSAGE = Pattern.compile("\"max_message\"\\s*:\\s*([0-9]{1,9})");
    private static final Pattern COMPRESS = Pattern.compile("\"compress\"\\s*:\\s*\"([^\"\\\\]*+)\"");
    private static final Pattern CODE = Pattern.compile("\"code\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*+)\"");
    private static final Pattern REASON = Pattern.compile("\"reason\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*+)\"");

    /** Reads a line; empty if it is no control line. */
    static Optional<Answer> of(String line) {
        return find(TYPE, line).map(type -> switch (type) {
            case "ack" -> new Answer(type, number(SEQ, line), -1, -1, "", "");
            case "welcome" -> new Answer(type, -1, number(ACKED, line), number(MAX_MESSAGE, line), find(COMPRESS, line).orElse(""), "");
            case "error" -> new Answer(type, number(SEQ, line), -1, -1, "",
                    find(CODE, line).orElse("no code") + find(REASON, line).map(reason -> ": " + reason).orElse(""));
            default -> new Answer(type, -1, -1, -1, "", "");
        });
    }

    private static long number(Pattern pattern, String line) {
        return find(pattern, line).map(Long::parseLong).orElse(-1L);
    }

    private static Optional<String> find(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
