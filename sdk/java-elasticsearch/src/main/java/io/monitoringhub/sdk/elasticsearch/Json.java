package io.monitoringhub.sdk.elasticsearch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads an object of JSON: maps, lists, strings, doubles, booleans and null. Not for large numbers. Used by one thread at a time. */
final class Json {

    private static final int DEEPEST = 64;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Map<?, ?> object(String text) throws IOException {
        Json json = new Json(text);
        Object value = json.value(0);
        json.skipSpace();
        if (!(value instanceof Map<?, ?> object) || json.at < text.length()) {
            throw json.wrong("one object");
        }
        return object;
    }

    private IOException wrong(String expected) {
        return new IOException("no JSON: expected " + expected + " at " + at + " of " + text.length() + ": "
                + text.substring(0, Math.min(200, text.length())).replaceAll("\\s+", " "));
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** Whether this comes next; then it is behind us. */
    private boolean isNext(char wanted) {
        skipSpace();
        boolean isNext = at < text.length() && text.charAt(at) == wanted;
        at += isNext ? 1 : 0;
        return isNext;
    }

    private Object value(int depth) throws IOException {
        if (depth > DEEPEST) {
            throw wrong("no more than " + DEEPEST + " levels");
        }
        if (isNext('{')) {
            Map<String, Object> members = new LinkedHashMap<>();
            for (boolean isFirst = true; !isNext('}'); isFirst = false) {
                if (!isFirst && !isNext(',') || !isNext('"')) {
                    throw wrong("a name");
                }
                String name = string();
                if (!isNext(':')) {
                    throw wrong("a colon");
                }
                members.put(name, value(depth + 1));
            }
            return members;
        }
        if (isNext('[')) {
            List<Object> items = new ArrayList<>();
            for (boolean isFirst = true; !isNext(']'); isFirst = false) {
                if (!isFirst && !isNext(',')) {
                    throw wrong("a comma");
                }
                items.add(value(depth + 1));
            }
            return items;
        }
        return isNext('"') ? string() : word();
    }

    private Object word() throws IOException {
        int from = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        String word = text.substring(from, at);
        if (word.equals("true") || word.equals("false")) {
            return Boolean.valueOf(word);
        }
        if (word.equals("null")) {
            return null;
        }
        try {
            return Double.valueOf(word);
        } catch (NumberFormatException e) {
            throw wrong("a value");
        }
    }

    private String string() throws IOException {
        StringBuilder string = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return string.toString();
            }
            string.append(c == '\\' ? escaped() : c);
        }
        throw wrong("the end of a string");
    }

    private char escaped() throws IOException {
        char c = at < text.length() ? text.charAt(at++) : ' ';
        int plain = "\"\\/bfnrt".indexOf(c);
        if (plain >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(plain);
        }
        if (c != 'u' || at + 4 > text.length()) {
            throw wrong("an escape");
        }
        try {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        } catch (NumberFormatException e) {
            throw wrong("four hexadecimal digits");
        }
    }
}
