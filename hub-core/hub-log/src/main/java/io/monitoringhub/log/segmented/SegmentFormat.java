package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A segment file: its name and its header, format version 1. The name is the offset of its first entry in 20 digits, then
 * {@code .seg}. Frames follow the header without space between them.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+---------------+---------------+
 * |     0xFF      |      'M'      |      'H'      |      'L'      |  0  magic
 * +---------------+---------------+---------------+---------------+
 * |      'O'      |      'G'      |      LF       |  version = 1  |  4
 * +---------------+---------------+---------------+---------------+
 * |                                                               |  8
 * |                       id of the log (UUID)                    |
 * |                                                               |
 * |                                                               |
 * +---------------------------------------------------------------+
 * |                                                               | 24
 * |            offset of the first entry (as in the name)         |
 * +---------------------------------------------------------------+
 * |                                                               | 32
 * |                creation time, Unix milliseconds               |
 * +---------------------------------------------------------------+
 * |                              zero                             | 40
 * +---------------------------------------------------------------+
 * |                   CRC32C of the 44 bytes before               | 44
 * +---------------------------------------------------------------+
 * </pre>
 *
 * Immutable.
 */
final class SegmentFormat {

    static final int HEADER_BYTES = 48;
    static final String SUFFIX = ".seg";

    private static final int VERSION = 1;
    private static final long MAGIC = 0xFF4D484C4F470A00L;
    private static final int SUMMED = 44;

    /** What a header says. */
    record Header(UUID logId, long base, long createdMs) {
    }

    private SegmentFormat() {
    }

    static String name(long base) {
        return String.format(Locale.ROOT, "%020d%s", base, SUFFIX);
    }

    /** The base offset that a file's name says, if it is a segment's name. */
    static Optional<Long> base(Path file) {
        String name = file.getFileName().toString();
        if (!name.matches("[0-9]{20}\\.seg")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(name.substring(0, 20)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    static ByteBuffer encode(Header header) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC | VERSION)
                .putLong(header.logId().getMostSignificantBits()).putLong(header.logId().getLeastSignificantBits())
                .putLong(header.base()).putLong(header.createdMs()).putInt(0);
        return bytes.putInt(sum(bytes)).flip();
    }

    /**
     * The header; empty when it is damaged.
     *
     * @throws IOException when a later version of this program wrote it
     */
    static Optional<Header> decode(ByteBuffer bytes, Path file) throws IOException {
        if (bytes.remaining() < HEADER_BYTES || (bytes.getLong(0) & ~0xFFL) != MAGIC || bytes.getInt(SUMMED) != sum(bytes)) {
            return Optional.empty();
        }
        int version = bytes.get(7) & 0xFF;
        if (version != VERSION) {
            throw new IOException(file + " has format version " + version + ", this hub reads version " + VERSION
                    + ": use the hub that wrote it, or a newer one");
        }
        return Optional.of(new Header(new UUID(bytes.getLong(8), bytes.getLong(16)), bytes.getLong(24), bytes.getLong(32)));
    }

    private static int sum(ByteBuffer bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes.duplicate().limit(SUMMED).position(0));
        return (int) sum.getValue();
    }
}
