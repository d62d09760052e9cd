package io.monitoringhub.delivery;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.spi.ComponentId;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The cursor of a failover group: one position, and for each member what that member stored last. A member that has its turn again finds
 * what it stored itself, so that it can take back what it had not flushed; nobody sees another's.
 *
 * <p><b>Stint.</b> The cursor also stores who committed last, and from where on. A destination that lacks something may be sent it again
 * from there on; what is below was another member's.
 *
 * <pre>
 *  version = 1 (8 bits) | start of the stint (64) | who (length 8, text) | members (8) | for each: who (8, text), state (length 32, bytes)
 * </pre>
 *
 * <p>Thread-safe.
 */
final class GroupCursor implements Cursor {

    private static final byte VERSION = 1;

    private final Cursor cursor;
    private final Map<String, byte[]> states = new TreeMap<>();
    private String member = "";
    private String committer = "";
    private long stint;

    GroupCursor(Cursor cursor) {
        this.cursor = cursor;
        stint = cursor.position();
        decode(cursor.state());
    }

    /** From now on it is this one's. */
    synchronized void turnOf(ComponentId id) {
        member = id.type() + "/" + id.name();
    }

    /** The lowest offset that the present member may be sent. */
    synchronized long ownFrom() {
        return member.equals(committer) ? Math.min(stint, cursor.position()) : cursor.position();
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
    public synchronized byte[] state() {
        return states.getOrDefault(member, new byte[0]).clone();
    }

    @Override
    public synchronized void commit(long next, byte[] state) throws IOException {
        byte[] before = states.put(member, state.clone());
        long start = member.equals(committer) ? stint : cursor.position();
        try {
            cursor.commit(next, encode(start));
        } catch (IOException | RuntimeException notStored) {
            if (before == null) {
                states.remove(member);
            } else {
                states.put(member, before);
            }
            throw notStored;
        }
        committer = member;
        stint = start;
    }

    @Override
    public synchronized void move(long next) throws IOException {
        cursor.move(next);
    }

    private byte[] encode(long start) {
        int size = 1 + Long.BYTES + 1 + member.length() + 1;
        for (Map.Entry<String, byte[]> each : states.entrySet()) {
            size += 1 + each.getKey().length() + Integer.BYTES + each.getValue().length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size).put(VERSION).putLong(start);
        text(bytes, member);
        bytes.put((byte) states.size());
        states.forEach((who, state) -> {
            text(bytes, who);
            bytes.putInt(state.length).put(state);
        });
        return bytes.array();
    }

    private void decode(byte[] stored) {
        if (stored.length == 0 || stored[0] != VERSION) {
            return;
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(stored, 1, stored.length - 1);
            stint = bytes.getLong();
            committer = text(bytes);
            for (int left = bytes.get(); left > 0; left--) {
                String who = text(bytes);
                byte[] state = new byte[bytes.getInt()];
                bytes.get(state);
                states.put(who, state);
            }
        } catch (BufferUnderflowException | NegativeArraySizeException foreign) {
            throw new IllegalStateException("cursor " + cursor.name() + " holds what this hub did not write", foreign);
        }
    }

    private static void text(ByteBuffer bytes, String text) {
        bytes.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(ByteBuffer bytes) {
        byte[] text = new byte[bytes.get() & 0xFF];
        bytes.get(text);
        return new String(text, StandardCharsets.US_ASCII);
    }
}
