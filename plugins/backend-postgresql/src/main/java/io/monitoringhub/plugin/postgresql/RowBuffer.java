package io.monitoringhub.plugin.postgresql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Rows in the binary format of COPY, one after the other in memory that is used again for the next batch.
 *
 * <p>Used by one thread at a time.
 */
final class RowBuffer {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final byte JSONB_VERSION = 1;

    private byte[] memory = new byte[1 << 16];
    private int size;

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    byte[] memory() {
        return memory;
    }

    void beginRow(int columns) {
        room(2);
        memory[size++] = (byte) (columns >> 8);
        memory[size++] = (byte) columns;
    }

    void putNull() {
        putLength(-1);
    }

    void putLong(long value) {
        putLength(Long.BYTES);
        room(Long.BYTES);
        LONG.set(memory, size, value);
        size += Long.BYTES;
    }

    void putBytes(byte[] bytes, int from, int to) {
        putLength(to - from);
        append(bytes, from, to);
    }

    void putJson(byte[] bytes, int from, int to) {
        putLength(1 + to - from);
        append(JSONB_VERSION);
        append(bytes, from, to);
    }

    /** An object of members that lie in {@code bytes} from {@code ranges[0]} to below {@code ranges[1]}, and so on. */
    void putJson(byte[] bytes, int[] ranges, int count) {
        putLength(0);
        int start = size;
        append(JSONB_VERSION);
        for (int i = 0; i < count; i += 2) {
            append((byte) (i == 0 ? '{' : ','));
            append(bytes, ranges[i], ranges[i + 1]);
        }
        append((byte) '}');
        INT.set(memory, start - Integer.BYTES, size - start);
    }

    private void putLength(int length) {
        room(Integer.BYTES);
        INT.set(memory, size, length);
        size += Integer.BYTES;
    }

    private void append(byte value) {
        room(1);
        memory[size++] = value;
    }

    private void append(byte[] bytes, int from, int to) {
        room(to - from);
        System.arraycopy(bytes, from, memory, size, to - from);
        size += to - from;
    }

    private void room(int more) {
        if (size + more > memory.length) {
            memory = Arrays.copyOf(memory, Math.max(memory.length * 2, size + more));
        }
    }
}
