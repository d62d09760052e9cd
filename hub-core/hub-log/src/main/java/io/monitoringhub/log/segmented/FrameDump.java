package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

import io.monitoringhub.log.files.AtomicFile;
import io.monitoringhub.log.files.FilePort;
import java.util.Locale;

/** Prints the frames of a segment for {@link LogTool}. Used by one thread at a time. */
final class FrameDump implements SegmentScanner.Findings {

    private static final int HEX_PER_LINE = 16;

    private final PrintStream out;
    private final FilePort file;
    private final String name;
    private final String payload;
    private final long from;
    private final long to;
    private boolean isWhole = true;

    /** @param payload "text", "hex" or nothing */
    FrameDump(PrintStream out, FilePort file, String name, String payload, long from, long to) {
        this.out = out;
        this.file = file;
        this.name = name;
        this.payload = payload;
        this.from = from;
        this.to = to;
    }

    @Override
    public void frame(long position, long bytes, long base, int count, long timeMs) {
        if (base + count <= from || base > to) {
            return;
        }
        int length = (int) bytes - FrameFormat.HEADER_BYTES;
        out.printf(Locale.ROOT, "%s@%d: offsets %d to before %d, %d bytes, appended %s%n", name, position, base, base + count, length,
                Instant.ofEpochMilli(timeMs));
        if (!payload.isEmpty()) {
            byte[] content = content(position + FrameFormat.HEADER_BYTES, length);
            if (payload.equals("hex")) {
                hex(content);
            } else {
                out.println(printable(new String(content, StandardCharsets.UTF_8)));
            }
        }
    }

    @Override
    public void damage(long start, long end, long expected, long next) {
        isWhole = false;
        out.printf(Locale.ROOT, "%s@%d: DAMAGED, %d bytes%n", name, start, end - start);
    }

    boolean isWhole() {
        return isWhole;
    }

    private byte[] content(long position, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            AtomicFile.readFully(file, bytes, position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.array();
    }

    private void hex(byte[] content) {
        for (int i = 0; i < content.length; i += HEX_PER_LINE) {
            StringBuilder digits = new StringBuilder();
            StringBuilder text = new StringBuilder();
            for (int k = i; k < Math.min(i + HEX_PER_LINE, content.length); k++) {
                digits.append(String.format(Locale.ROOT, "%02x ", content[k]));
                text.append(content[k] >= ' ' && content[k] <= '~' ? (char) content[k] : '.');
            }
            out.printf(Locale.ROOT, "  %06x  %-48s %s%n", i, digits, text);
        }
    }

    /** A log can hold anything; a terminal must not obey it. */
    private static String printable(String text) {
        return text.codePoints().map(c -> c == '\n' || !Character.isISOControl(c) ? c : '.')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
