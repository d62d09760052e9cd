package io.monitoringhub.plugin.elasticsearch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client put into {@code ctx} and {@code tags}, as one flat object of strings that no index can refuse: names without control
 * characters and empty parts, values cut, both bounded in number.
 *
 * <p>Used by one thread at a time.
 */
final class Labels {

    static final int MAX_LABELS = 256;
    static final int MAX_NAME = 256;
    static final int MAX_VALUE = 1_024;

    /** A value is a String, or a List of them where it came from an array. */
    private final Map<String, Object> values = new LinkedHashMap<>();

    void clear() {
        values.clear();
    }

    /** The last one of a name counts. */
    void put(String name, String value) {
        if (values.size() < MAX_LABELS || values.containsKey(name)) {
            values.put(name, cut(value, MAX_VALUE));
        }
    }

    /** One more value of the name. */
    void add(String name, String value) {
        Object known = values.get(name);
        if (known instanceof List<?> list) {
            if (list.size() < MAX_LABELS) {
                List<Object> more = new ArrayList<>(list);
                more.add(cut(value, MAX_VALUE));
                values.put(name, more);
            }
        } else if (known == null && values.size() < MAX_LABELS) {
            values.put(name, List.of(cut(value, MAX_VALUE)));
        }
    }

    /** The name of a member as a part of a label's name. */
    static String name(String path, String member) {
        String name = path.isEmpty() ? member : path + "." + member;
        StringBuilder clean = null;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean isEmptyPart = c == '.' && (i == 0 || name.charAt(i - 1) == '.');
            if (clean == null && (c < ' ' || c == 0x7f || isEmptyPart)) {
                clean = new StringBuilder(name.length() + 8).append(name, 0, i);
            }
            if (clean != null) {
                clean.append(isEmptyPart ? "_." : c < ' ' || c == 0x7f ? "_" : String.valueOf(c));
            }
        }
        String made = clean == null ? name : clean.toString();
        if (made.isEmpty() || made.endsWith(".")) {
            made += "_";
        }
        return cut(made, MAX_NAME);
    }

    /** Not in the middle of a character, nor behind a dot. */
    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.charAt(end - 1) == '.' ? text.substring(0, end - 1) + "_" : text.substring(0, end);
    }

    /** Appends the object as a member of that name, if there are labels. */
    void write(JsonText json) {
        if (values.isEmpty()) {
            return;
        }
        char before = '{';
        json.raw(",\"labels\":");
        for (Map.Entry<String, Object> label : values.entrySet()) {
            json.raw(before).string(label.getKey()).raw(':');
            before = ',';
            if (label.getValue() instanceof List<?> list) {
                char first = '[';
                for (Object each : list) {
                    json.raw(first).string((String) each);
                    first = ',';
                }
                json.raw(']');
            } else {
                json.string((String) label.getValue());
            }
        }
        json.raw('}');
    }
}
