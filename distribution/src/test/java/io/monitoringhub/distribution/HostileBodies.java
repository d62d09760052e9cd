package io.monitoringhub.distribution;

import java.io.ByteArrayOutputStream;
import java.util.zip.Deflater;

/** Small bodies that are a GiB of zeros when they are inflated; none of them has an end. Immutable. */
final class HostileBodies {

    private static final int MEBIBYTES = 1024;
    private static final int ZSTD_BLOCK = 128 << 10;
    private static final byte[] GZIP_HEAD = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, 0};
    private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

    private HostileBodies() {
    }

    static byte[] gzipBomb() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(GZIP_HEAD);
        all.writeBytes(deflated(new byte[1 << 20], MEBIBYTES, true));
        return all.toByteArray();
    }

    static byte[] deflateBomb() {
        return deflated(new byte[1 << 20], MEBIBYTES, false);
    }

    /**
     * Blocks of one byte and how often it comes.
     *
     * @param window as the frame's head says it, by which a reader may take memory: 0x38 is 128 KiB, 0xff more than 3 TiB
     */
    static byte[] zstdBomb(int window) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(ZSTD_MAGIC);
        all.write(0);
        all.write(window);
        int head = ZSTD_BLOCK << 3 | 1 << 1;
        for (int i = 0; i < MEBIBYTES * 8; i++) {
            all.writeBytes(new byte[] {(byte) head, (byte) (head >> 8), (byte) (head >> 16), 0});
        }
        return all.toByteArray();
    }

    /** A stream that holds the same bytes so many times, without its end. @param isBare without the head of zlib */
    static byte[] deflated(byte[] bytes, int times, boolean isBare) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, isBare);
        byte[] out = new byte[1 << 16];
        deflater.setInput(bytes);
        int head = deflater.deflate(out, 0, out.length, Deflater.FULL_FLUSH);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(out, 0, head);
        deflater.setInput(bytes);
        int again = deflater.deflate(out, 0, out.length, Deflater.FULL_FLUSH);
        for (int i = 1; i < times; i++) {
            all.write(out, 0, again);
        }
        deflater.end();
        return all.toByteArray();
    }
}
