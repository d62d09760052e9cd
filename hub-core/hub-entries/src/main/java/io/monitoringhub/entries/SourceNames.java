package io.monitoringhub.entries;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes equal sources the same object, for as many as are likely to be in use at a time.
 *
 * <p>Used by one thread at a time.
 */
public final class SourceNames {

    private static final int MOST = 10_000;

    private final Map<ByteBuffer, String> names = new HashMap<>();

    /** The name whose UTF-8 bytes lie at this place. */
    String name(ByteBuffer bytes, int position, int length) {
        ByteBuffer key = bytes.slice(position, length);
        String known = names.get(key);
        if (known != null) {
            return known;
        }
        byte[] copy = new byte[length];
        key.get(0, copy);
        String name = new String(copy, StandardCharsets.UTF_8);
        if (names.size() >= MOST) {
            names.clear();
        }
        names.put(ByteBuffer.wrap(copy), name);
        return name;
    }
}
