package io.monitoringhub.command;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Maps, collections and values as JSON text; the launcher has no library for it. Has no state. */
public final class Json {

    private Json() {
    }

    /** JSON that somebody else has written. Immutable. */
    public record Raw(String text) {
    }

    /** A map in the order of its pairs: name, value, name, value. A value that is an empty {@link Optional} is left out. */
    public static Map<String, Object> map(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            Object value = pairs[i + 1] instanceof Optional<?> optional ? optional.orElse(null) : pairs[i + 1];
            if (value != null) {
                map.put((String) pairs[i], value);
            }
        }
        return map;
    }

    /** What goes to the error stream where JSON was asked for. */
    public static String error(int exitCode, String message) {
        return text(map("error", message, "exit_code", exitCode));
    }

    /** On one line; what is no map, collection, number or boolean is written as a string. */
    public static String text(Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value);
        return text.toString();
    }

    private static void write(StringBuilder to, Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number number && isFinite(number)) {
            to.append(value);
        } else if (value instanceof Raw raw) {
            to.append(raw.text());
        } else if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                to.append(separator);
                quote(to, entry.getKey().toString());
                write(to.append(':'), entry.getValue());
                separator = ",";
            }
            to.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof Collection<?> all) {
            String separator = "[";
            for (Object each : all) {
                write(to.append(separator), each);
                separator = ",";
            }
            to.append(all.isEmpty() ? "[]" : "]");
        } else {
            quote(to, value.toString());
        }
    }

    private static boolean isFinite(Number number) {
        return Double.isFinite(number.doubleValue());
    }

    private static void quote(StringBuilder to, String text) {
        to.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> to.append('\\').append(c);
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\t' -> to.append("\\t");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
                        to.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        to.append(c);
                    }
                }
            }
        }
        to.append('"');
    }
}
