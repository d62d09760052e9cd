package io.monitoringhub.log.segmented;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

import io.monitoringhub.log.files.FilePort;

/**
 * A sliding view of a part of a file in one reusable buffer. The buffer is as small as the file allows, up to a normal size; it grows
 * further only for a frame that does not fit, and shrinks back. Used by one thread at a time.
 */
final class FileWindow {

    private static final int FIRST_BYTES = 1 << 12;

    private final int normalBytes;
    private ByteBuffer buffer;
    private long start;
    private int length;

    /** The buffer is allocated at first use. */
    FileWindow(int normalBytes) {
        this.normalBytes = normalBytes;
        this.buffer = ByteBuffer.allocateDirect(0);
    }

    /** The buffer as it is now; another one after {@link #load}. */
    ByteBuffer buffer() {
        return buffer;
    }

    /** Where a file position is in the buffer. */
    int index(long position) {
        return (int) (position - start);
    }

    /** Whether bytes of the file are in the buffer. */
    boolean holds(long position, long bytes) {
        return position >= start && position + bytes <= start + length;
    }

    /** How many bytes from a position on are in the buffer. */
    int available(long position) {
        return position >= start ? (int) Math.max(0, start + length - position) : 0;
    }

    /** Forgets the content: another file is next. */
    void clear() {
        start = 0;
        length = 0;
    }

    /**
     * Makes bytes available, and as many more behind them as the buffer takes; moves what is in the buffer.
     *
     * @param limit where the file's usable bytes end
     */
    void load(FilePort file, long position, int bytes, long limit) throws IOException {
        if (holds(position, bytes)) {
            return;
        }
        rebase(position, bytes, limit);
        int wanted = (int) Math.min(buffer.capacity(), limit - position);
        buffer.limit(wanted).position(length);
        while (length < bytes) {
            int n = file.read(buffer, start + length);
            if (n < 0) {
                throw new EOFException("the file ends at byte " + (start + length) + ", before byte " + (position + bytes));
            }
            length += n;
        }
        buffer.clear();
    }

    /** Gives back the memory that a large frame needed. */
    void shrink() {
        if (buffer.capacity() > normalBytes) {
            buffer = ByteBuffer.allocateDirect(0);
            clear();
        }
    }

    private void rebase(long position, int bytes, long limit) {
        int kept = available(position);
        ByteBuffer old = buffer.duplicate();
        old.limit(index(position) < 0 || kept == 0 ? 0 : length).position(kept == 0 ? 0 : index(position));
        int useful = Math.max(bytes, (int) Math.min(normalBytes, Math.max(FIRST_BYTES, Long.highestOneBit(limit - position) * 2)));
        if (buffer.capacity() < useful) {
            buffer = ByteBuffer.allocateDirect(useful);
            buffer.put(old).clear();
        } else if (kept > 0) {
            buffer.clear();
            buffer.put(old).clear();
        }
        start = position;
        length = kept;
    }
}
