package io.monitoringhub.sdk.internal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line that the hub has sent, read as far as a client needs it. Not a JSON parser: the patterns look at one object without those inside it, and their
 * quotes can't occur inside a JSON string. Immutable.
 *
 * @param type welcome, ack, error, or what a later version may send
 * @param seq the line that an ack or an error is about, -1 if it doesn't say
 * @param acked what welcome says the hub has, -1 if it doesn't say
 * @param maxMessage the longest line that the hub takes, -1 if it doesn't say
 * @param compress how what follows a welcome is to be compressed, {@code ""} for not at all
 * @param code what an error calls itself
 * @param reason why an error is one: {@code ": "} and a text, or {@code ""}
 */
record Answer(String type, long seq, long acked, long maxMessage, String compress, String code, String reason) {

    private static final Pattern DATA = Pattern.compile("\"data\"\\s*:\\s*$");
    private static final Pattern TYPE = Pattern.compile("\"type\"\\s*:\\s*\"(\\w+)\"");
    private static final Pattern SEQ = Pattern.compile("\"seq\"\\s*:\\s*([0-9]{1,18})");
    private static final Pattern ACKED = Pattern.compile("\"acked\"\\s*:\\s*([0-9]{1,18})");
    private static final Pattern MAX_MESSAGE = Pattern.compile("\"max_message\"\\s*:\\s*([0-9]{1,9})");
    private static final Pattern COMPRESS = Pattern.compile("\"compress\"\\s*:\\s*\"([^\"\\\\]*+)\"");
    private static final Pattern CODE = Pattern.compile("\"code\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*+)\"");
    private static final Pattern REASON = Pattern.compile("\"reason\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*+)\"");

    /** Reads a line; empty if it is no control line. */
    static Optional<Answer> of(String line) {
        StringBuilder envelope = new StringBuilder();
        String data = split(line, envelope);
        return find(TYPE, envelope).map(type -> switch (type) {
            case "ack" -> new Answer(type, number(SEQ, data), -1, -1, "", "", "");
            case "welcome" -> new Answer(type, -1, number(ACKED, data), number(MAX_MESSAGE, data), find(COMPRESS, data).orElse(""), "", "");
            case "error" -> new Answer(type, number(SEQ, data), -1, -1, "",
                    find(CODE, data).orElse("no code"), find(REASON, data).map(reason -> ": " + reason).orElse(""));
            default -> new Answer(type, -1, -1, -1, "", "", "");
        });
    }

    private static long number(Pattern pattern, String line) {
        return find(pattern, line).map(Long::parseLong).orElse(-1L);
    }

    /** The line's own members, and what data has of its own; fields that we don't know may hold anything, also fields that are called the same. */
    private static String split(String line, StringBuilder envelope) {
        StringBuilder data = new StringBuilder();
        boolean inText = false;
        boolean inData = false;
        int depth = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (!inText && (c == '{' || c == '[')) {
                inData = depth == 1 ? DATA.matcher(envelope).find() : inData;
                depth++;
            } else if (!inText && (c == '}' || c == ']')) {
                depth--;
            } else if (depth == 1) {
                envelope.append(c);
            } else if (depth == 2 && inData) {
                data.append(c);
            }
            if (inText && c == '\\' && i + 1 < line.length()) {
                i++;
                if (depth == 2 && inData) {
                    data.append(line.charAt(i));
                }
            } else if (c == '"') {
                inText = !inText;
            }
        }
        return data.toString();
    }

    private static Optional<String> find(Pattern pattern, CharSequence line) {
        Matcher matcher = pattern.matcher(line);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
