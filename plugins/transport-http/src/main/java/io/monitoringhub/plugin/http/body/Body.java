package io.monitoringhub.plugin.http.body;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** The bytes of a body as they were sent, in pieces. Written by one thread at a time, then read by any. */
public final class Body {

    private static final int FIRST_PIECE = 8 << 10;
    private static final int LARGEST_PIECE = 256 << 10;

    private final List<byte[]> pieces = new ArrayList<>();
    private int free;
    private long length;

    /** Where the next bytes can go: an array that has {@link #room} at its end. */
    public byte[] piece() {
        if (free == 0) {
            int size = (int) Math.max(FIRST_PIECE, Math.min(LARGEST_PIECE, Long.highestOneBit(length + 1)));
            pieces.add(new byte[size]);
            free = size;
        }
        return pieces.get(pieces.size() - 1);
    }

    /** How many bytes have room at the end of {@link #piece}. */
    public int room() {
        return free;
    }

    /** So many bytes were written there. */
    public void wrote(int bytes) {
        free -= bytes;
        length += bytes;
    }

    /** How many there are. */
    public long length() {
        return length;
    }

    /** From the beginning. */
    public InputStream open() {
        return new Pieces();
    }

    /** Reads the pieces. Used by one thread at a time. */
    private final class Pieces extends InputStream {

        private int piece;
        private int position;
        private long left = length;

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int wanted) {
            if (left == 0) {
                return -1;
            }
            byte[] from = pieces.get(piece);
            int count = (int) Math.min(left, Math.min(wanted, from.length - position));
            System.arraycopy(from, position, to, offset, count);
            position += count;
            left -= count;
            if (position == from.length) {
                piece++;
                position = 0;
            }
            return count;
        }
    }
}
