package io.monitoringhub.plugin.s3;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** How objects are compressed. Immutable. */
enum Compression {
    NONE(".jsonl", "application/x-ndjson"),
    GZIP(".jsonl.gz", "application/gzip"),
    ZSTD(".jsonl.zst", "application/zstd");

    private static final int BLOCK = 1 << 16;

    private final String extension;
    private final String contentType;

    Compression(String extension, String contentType) {
        this.extension = extension;
        this.contentType = contentType;
    }

    /** The compression with this name in the configuration. */
    static Optional<Compression> of(String word) {
        for (Compression each : values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(word)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** What an object's key ends with. */
    String extension() {
        return extension;
    }

    /** What an object says it is; no Content-Encoding, so that nobody unpacks it on the way. */
    String contentType() {
        return contentType;
    }

    /** Compresses what is written, to be closed. */
    OutputStream to(OutputStream out) throws IOException {
        return switch (this) {
            case NONE -> out;
            case GZIP -> new GZIPOutputStream(out, BLOCK);
            case ZSTD -> new ZstdOutputStream(out);
        };
    }
}
