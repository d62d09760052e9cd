package io.monitoringhub.delivery;

import io.monitoringhub.log.Cursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A cursor that notes with each state which type of backend it comes from. A lane whose type is changed keeps its position; what the old
 * type remembered is not shown to the new one, which could not read it.
 *
 * <p>Stored as: length of the type (8 bits), the type, the state. Thread-safe.
 */
final class TypedCursor implements Cursor {

    private final Cursor cursor;
    private final byte[] type;

    TypedCursor(Cursor cursor, String type) {
        this.cursor = cursor;
        this.type = type.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String name() {
        return cursor.name();
    }

    @Override
    public long position() {
        return cursor.position();
    }

    @Override
    public byte[] state() {
        byte[] stored = cursor.state();
        int from = 1 + type.length;
        boolean isOurs = stored.length >= from && stored[0] == type.length && Arrays.equals(stored, 1, from, type, 0, type.length);
        return isOurs ? Arrays.copyOfRange(stored, from, stored.length) : new byte[0];
    }

    @Override
    public void commit(long next, byte[] state) throws IOException {
        byte[] stored = new byte[1 + type.length + state.length];
        stored[0] = (byte) type.length;
        System.arraycopy(type, 0, stored, 1, type.length);
        System.arraycopy(state, 0, stored, 1 + type.length, state.length);
        cursor.commit(next, stored);
    }

    @Override
    public void move(long next) throws IOException {
        cursor.move(next);
    }
}
