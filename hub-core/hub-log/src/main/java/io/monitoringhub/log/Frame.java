package io.monitoringhub.log;

import java.nio.ByteBuffer;

/**
 * A stored frame.
 *
 * @param baseOffset the offset of its first entry
 * @param count how many entries it holds
 * @param appendedAt when it was appended, in Unix milliseconds
 * @param payload its bytes: a read-only view that is valid as long as the reader says
 */
public record Frame(long baseOffset, int count, long appendedAt, ByteBuffer payload) {

    /** The offset behind its last entry. */
    public long nextOffset() {
        return baseOffset + count;
    }
}
