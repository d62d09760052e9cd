package io.monitoringhub.plugin.http.body;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** Undoes a body's compression, up to a limit: a small body can hold a huge one. Used by one thread at a time. */
final class Inflater extends FilterInputStream {

    private static final int BUFFER = 16 << 10;

    private final String encoding;
    private final long limit;
    private long read;

    private Inflater(InputStream plain, String encoding, long limit) {
        super(plain);
        this.encoding = encoding;
        this.limit = limit;
    }

    /** Whether a body with this {@code Content-Encoding} is as it was sent. */
    static boolean isPlain(String encoding) {
        return encoding == null || encoding.isBlank() || encoding.strip().equalsIgnoreCase("identity");
    }

    static InputStream open(Body body, String encoding, long limit) throws BodyException {
        if (isPlain(encoding)) {
            return new Inflater(body.open(), "identity", limit);
        }
        String name = encoding.strip().toLowerCase(Locale.ROOT);
        try {
            return switch (name) {
                case "gzip", "x-gzip" -> new Inflater(new GZIPInputStream(body.open(), BUFFER), name, limit);
                case "deflate" -> new Inflater(new InflaterInputStream(body.open()), name, limit);
                case "zstd" -> new Inflater(new ZstdInputStream(body.open()), name, limit);
                default -> throw new BodyException(BodyException.Kind.UNKNOWN_ENCODING, "the body's Content-Encoding '" + name
                        + "' is not understood");
            };
        } catch (BodyException known) {
            throw known;
        } catch (IOException | RuntimeException broken) {
            throw broken(name, broken);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int wanted) throws IOException {
        int count;
        try {
            count = super.read(to, offset, wanted);
        } catch (IOException | RuntimeException broken) { // the reader of zstd throws both
            throw broken(encoding, broken);
        }
        read += Math.max(0, count);
        if (read > limit) {
            throw new BodyException(BodyException.Kind.TOO_LARGE, "the body has more than " + limit + " bytes after decompression");
        }
        return count;
    }

    private static BodyException broken(String encoding, Exception cause) {
        return new BodyException(BodyException.Kind.BROKEN, "the body is not what its Content-Encoding '" + encoding + "' says, or not all of it"
                + (cause.getMessage() == null ? "" : ": " + cause.getMessage()));
    }
}
