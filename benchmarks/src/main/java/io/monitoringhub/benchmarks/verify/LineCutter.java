package io.monitoringhub.benchmarks.verify;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;

/**
 * Cuts bytes into lines, eight bytes a step; a partial line waits for its rest. Used by one thread at a time.
 *
 * <p>The buffer is small enough to stay in the processor's cache: that is worth more than saving the copy into it.
 */
public final class LineCutter {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NEWLINES = 0x0A0A_0A0A_0A0A_0A0AL;
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHS = 0x8080_8080_8080_8080L;

    private byte[] bytes = new byte[256 * 1024];
    private ByteBuffer buffer = ByteBuffer.wrap(bytes);
    private int length;
    private long offset;

    /** Reads to the end of what is there now and shows every whole line. @return bytes read */
    public long read(ReadableByteChannel channel, LineVisitor visitor) throws IOException {
        long total = 0;
        int count;
        while ((count = channel.read(buffer.limit(bytes.length).position(length))) > 0) {
            total += count;
            int searched = length;
            length += count;
            cut(searched, visitor);
        }
        return total;
    }

    /** Bytes of the line that has no newline yet. */
    public int partial() {
        return length;
    }

    /** Where in the file the next line starts. */
    public long offset() {
        return offset;
    }

    /** Starts anew, at the start of another file. */
    void clear() {
        length = 0;
        offset = 0;
    }

    /** How many newlines are in {@code bytes[0, length)}. */
    static int newlines(byte[] bytes, int length) {
        int count = 0;
        int at = 0;
        for (; at <= length - 8; at += 8) {
            long word = (long) LONGS.get(bytes, at) ^ NEWLINES;
            // Exact, not only "is there one": the high bit of each byte that is zero, and of no other.
            count += Long.bitCount(~((word & ~HIGHS) + ~HIGHS | word | ~HIGHS));
        }
        for (; at < length; at++) {
            count += bytes[at] == '\n' ? 1 : 0;
        }
        return count;
    }

    private void cut(int searched, LineVisitor visitor) {
        int start = 0;
        int from = searched;
        int end;
        while ((end = newline(from)) >= 0) {
            visitor.line(bytes, start, end, offset + start);
            start = end + 1;
            from = start;
        }
        System.arraycopy(bytes, start, bytes, 0, length - start);
        length -= start;
        offset += start;
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
            buffer = ByteBuffer.wrap(bytes);
        }
    }

    private int newline(int from) {
        int at = from;
        for (; at <= length - 8; at += 8) {
            long word = (long) LONGS.get(bytes, at) ^ NEWLINES;
            long found = word - ONES & ~word & HIGHS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        for (; at < length; at++) {
            if (bytes[at] == '\n') {
                return at;
            }
        }
        return -1;
    }
}
