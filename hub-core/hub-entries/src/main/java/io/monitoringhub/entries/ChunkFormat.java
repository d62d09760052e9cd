package io.monitoringhub.entries;

/**
 * The layout of a chunk: the payload of one log frame. All numbers are big-endian; positions count from the chunk's first byte.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  version = 1  |     flags     |        number of sources      |
 * +---------------+---------------+-------------------------------+
 * |                       number of entries                       |
 * +---------------------------------------------------------------+
 * |                  position of the first message                |
 * +---------------------------------------------------------------+
 * |           client id (128 bits), only with flag CLIENT         |
 * |           last number (64 bits), only with flag CLIENT        |
 * +---------------------------------------------------------------+
 * |  sources: length (16 bits) and UTF-8 bytes, one after another |
 * +---------------------------------------------------------------+
 * |  index: 16 bytes an entry                                     |
 * |    end of the message, from the first message (32 bits)       |
 * |    number of its source (16) | type (8) | marks (8)           |
 * |    time stamp of the sender in Unix milliseconds (64)         |
 * +---------------------------------------------------------------+
 * |  messages: each one's own bytes and a newline                 |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * The marks: bits 0 to 2 hold the level plus one, 0 where there is none; {@link #MARK_TRACE} and {@link #MARK_CLOCK} are single bits.
 */
final class ChunkFormat {

    static final byte VERSION = 1;

    static final int HEADER_BYTES = 12;
    static final int CLIENT_BYTES = 24;
    static final int INDEX_ENTRY_BYTES = 16;

    static final int FLAG_CLIENT = 1;

    static final int MARK_LEVEL_MASK = 0x07;
    /** The message names a trace. */
    static final int MARK_TRACE = 0x08;
    /** The sender's clock is far from the hub's. */
    static final int MARK_CLOCK = 0x10;

    static final int MAX_SOURCES = 65_535;

    private ChunkFormat() {
    }
}
