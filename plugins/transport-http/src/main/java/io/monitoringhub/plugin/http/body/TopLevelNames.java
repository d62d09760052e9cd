package io.monitoringhub.plugin.http.body;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** The names in an object's outermost level, as far as they can be seen without a parser. */
final class TopLevelNames {

    private TopLevelNames() {
    }

    /** Empty for what is no object. Names with escapes are not unescaped. */
    static Set<String> of(byte[] json, int length) {
        Set<String> names = new HashSet<>();
        int depth = 0;
        int nameStart = -1;
        boolean expectsName = false;
        for (int i = 0; i < length; i++) {
            byte b = json[i];
            if (b == '"') {
                int end = endOfString(json, i + 1, length);
                if (depth == 1 && expectsName) {
                    nameStart = i + 1;
                    names.add(new String(json, nameStart, end - nameStart, StandardCharsets.UTF_8));
                    expectsName = false;
                }
                i = end;
            } else if (b == '{' || b == '[') {
                depth++;
                expectsName = depth == 1 && b == '{';
            } else if (b == '}' || b == ']') {
                depth--;
            } else if (b == ',' && depth == 1) {
                expectsName = true;
            } else if (depth == 0 && b > ' ') {
                return Set.of();
            }
        }
        return names;
    }

    private static int endOfString(byte[] json, int from, int length) {
        int i = from;
        while (i < length && json[i] != '"') {
            i += json[i] == '\\' ? 2 : 1;
        }
        return Math.min(i, length);
    }
}
