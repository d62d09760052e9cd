package io.monitoringhub.correlation.merge;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Makes one message of the two halves of a span: source, parent, name and start as the opening one says, status as the closing one does, the
 * tags of both. Has no state.
 */
final class MergedSpan {

    private MergedSpan() {
    }

    /** @param closing the same as {@code opening} where one message says all */
    static String of(SpanMessage opening, SpanMessage closing) {
        StringJoiner envelope = new StringJoiner(",", "{", "}");
        envelope.add("\"v\":1");
        envelope.add("\"src\":" + spelt("src", opening, closing, "\"\""));
        envelope.add("\"ts\":" + closing.time());
        envelope.add("\"type\":\"span\"");
        envelope.add("\"tid\":" + opening.spelt().get("tid"));
        envelope.add("\"sid\":" + opening.spelt().get("sid"));
        String parent = spelt("pid", opening, closing, "");
        if (!parent.isEmpty()) {
            envelope.add("\"pid\":" + parent);
        }
        // who opens a span without saying when did so when it began
        long start = opening.start() != 0 ? opening.start() : closing.start() != 0 ? closing.start() : opening.time();
        StringJoiner data = new StringJoiner(",", "{", "}");
        data.add("\"" + SpanMessage.MARK + "\":true");
        data.add("\"name\":" + spelt("name", opening, closing, "\"\""));
        data.add("\"start\":" + spelt("start", opening, closing, Long.toString(start)));
        data.add("\"end\":" + spelt("end", closing, opening, "null"));
        data.add("\"duration_ms\":" + (closing.end() - start));
        data.add("\"status\":" + spelt("status", closing, opening, "\"\""));
        data.add("\"tags\":" + tags(opening, closing));
        return envelope.add("\"data\":" + data).toString();
    }

    private static String spelt(String field, SpanMessage first, SpanMessage second, String otherwise) {
        return first.spelt().getOrDefault(field, second.spelt().getOrDefault(field, otherwise));
    }

    private static String tags(SpanMessage opening, SpanMessage closing) {
        Map<String, String> both = new LinkedHashMap<>(opening.tags());
        both.putAll(closing.tags());
        StringJoiner tags = new StringJoiner(",", "{", "}");
        both.forEach((key, value) -> tags.add(key + ":" + value));
        return tags.toString();
    }
}
