package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A cursor's file: its name and its content, format version 1, big-endian.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+---------------+---------------+
 * |     0xFF      |      'M'      |      'H'      |      'C'      |  0  magic
 * +---------------+---------------+---------------+---------------+
 * |  version = 1  |                     zero                      |  4
 * +---------------+-----------------------------------------------+
 * |                                                               |  8
 * |                           position                            |
 * +---------------------------------------------------------------+
 * |                   length of the state in bytes                | 16
 * +---------------------------------------------------------------+
 * |                             state                           ...  20
 * +---------------------------------------------------------------+
 * |             CRC32C of everything before it                    |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The file's name is the cursor's name in UTF-8, every byte but ASCII letters, digits, '-' and '_' as '%' and two hexadecimal digits,
 * then {@code .cursor}. Immutable.
 */
final class CursorFormat {

    static final String SUFFIX = ".cursor";
    /** Room for what the members of a failover group store, each. */
    static final int MAX_STATE = 1 << 19;
    static final int MAX_BYTES = MAX_STATE + 24;

    private static final int MAGIC = 0xFF4D4843;
    private static final byte VERSION = 1;
    private static final int FRONT = 20;
    private static final int MAX_NAME = 200;

    /** What a file says. */
    record Content(long position, byte[] state) {
    }

    private CursorFormat() {
    }

    static byte[] encode(Content content) {
        ByteBuffer bytes = ByteBuffer.allocate(FRONT + content.state().length + 4);
        bytes.putInt(MAGIC).put(VERSION).put(new byte[3]).putLong(content.position()).putInt(content.state().length).put(content.state());
        return bytes.putInt(sum(bytes.array())).array();
    }

    static Content decode(byte[] file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        if (file.length < FRONT + 4 || bytes.getInt(0) != MAGIC || bytes.getInt(file.length - 4) != sum(file)) {
            throw new IOException("not a cursor, or damaged: " + file.length + " bytes");
        }
        if (bytes.get(4) != VERSION) {
            throw new IOException("format version " + bytes.get(4) + ", this hub reads version " + VERSION);
        }
        if (bytes.getInt(16) != file.length - FRONT - 4) {
            throw new IOException("wrong length");
        }
        byte[] state = new byte[bytes.getInt(16)];
        bytes.get(FRONT, state);
        return new Content(bytes.getLong(8), state);
    }

    static String fileName(String cursor) {
        StringBuilder name = new StringBuilder();
        for (byte b : cursor.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b)) {
                name.append((char) b);
            } else {
                name.append(String.format(Locale.ROOT, "%%%02X", b & 0xFF));
            }
        }
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException("a cursor's name has 1 to " + MAX_NAME + " characters when escaped, not " + name.length()
                    + ": " + cursor);
        }
        return name + SUFFIX;
    }

    /** The cursor whose file this is, if it is one's. */
    static Optional<String> cursor(String fileName) {
        if (!fileName.matches("([A-Za-z0-9_-]|%[0-9A-F]{2})+\\.cursor")) {
            return Optional.empty();
        }
        String escaped = fileName.substring(0, fileName.length() - SUFFIX.length());
        ByteBuffer bytes = ByteBuffer.allocate(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                bytes.put((byte) Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.put((byte) escaped.charAt(i));
            }
        }
        String name = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        return fileName(name).equals(fileName) ? Optional.of(name) : Optional.empty();
    }

    private static boolean isPlain(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '_';
    }

    private static int sum(byte[] file) {
        CRC32C sum = new CRC32C();
        sum.update(file, 0, file.length - 4);
        return (int) sum.getValue();
    }
}
