package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.monitoringhub.log.files.AtomicFile;
import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.FileSystemPort;

/** What {@link LogTool} finds out and prints; each method says whether everything was whole. Used by one thread at a time. */
final class LogInspection {

    private final FileSystemPort files;
    private final Path folder;
    private final PrintStream out;

    LogInspection(FileSystemPort files, Path folder, PrintStream out) {
        this.files = files;
        this.folder = folder;
        this.out = out;
    }

    boolean verify() throws IOException {
        boolean isWhole = true;
        long frames = 0;
        long entries = 0;
        List<Path> segments = segments();
        for (int i = 0; i < segments.size(); i++) {
            SegmentSummary summary = new SegmentSummary(out, segments.get(i).getFileName().toString());
            isWhole &= inspect(segments.get(i), bound(segments, i), summary);
            isWhole &= summary.print(bound(segments, i));
            frames += summary.frames();
            entries += summary.entries();
        }
        out.printf(Locale.ROOT, "%d segments, %d frames, %d entries, %s%n", segments.size(), frames, entries, isWhole ? "no damage" : "DAMAGED");
        return cursors() && isWhole;
    }

    boolean dump(String payload, long from, long to) throws IOException {
        boolean isWhole = true;
        List<Path> segments = segments();
        for (int i = 0; i < segments.size(); i++) {
            if (bound(segments, i) > from && SegmentFormat.base(segments.get(i)).orElseThrow() <= to) {
                try (FilePort file = files.openToRead(segments.get(i))) {
                    FrameDump dump = new FrameDump(out, file, segments.get(i).getFileName().toString(), payload, from, to);
                    isWhole &= inspect(segments.get(i), bound(segments, i), dump) && dump.isWhole();
                }
            }
        }
        return isWhole;
    }

    boolean cursors() throws IOException {
        boolean isWhole = true;
        Path cursors = folder.resolve(SegmentedLog.CURSORS);
        for (Path file : Files.isDirectory(cursors) ? files.list(cursors) : List.<Path>of()) {
            Optional<String> name = CursorFormat.cursor(file.getFileName().toString());
            if (name.isPresent()) {
                isWhole &= cursor(name.get(), file);
            } else {
                out.printf(Locale.ROOT, "not a cursor: %s%n", file.getFileName());
            }
        }
        return isWhole;
    }

    private boolean cursor(String name, Path file) {
        try {
            CursorFormat.Content content = CursorFormat.decode(new AtomicFile(files, file).read(CursorFormat.MAX_BYTES));
            out.printf(Locale.ROOT, "cursor %s at %d, %d bytes of state%n", name, content.position(), content.state().length);
            return true;
        } catch (IOException e) {
            out.printf(Locale.ROOT, "cursor %s DAMAGED: %s%n", name, e.getMessage());
            return false;
        }
    }

    private boolean inspect(Path path, long bound, SegmentScanner.Findings findings) throws IOException {
        boolean isWhole = true;
        try (FilePort file = files.openToRead(path)) {
            ByteBuffer header = ByteBuffer.allocate((int) Math.min(SegmentFormat.HEADER_BYTES, file.size()));
            AtomicFile.readFully(file, header, 0);
            Optional<SegmentFormat.Header> decoded = SegmentFormat.decode(header.flip(), path);
            if (decoded.isEmpty()) {
                out.printf(Locale.ROOT, "%s: header DAMAGED%n", path.getFileName());
                isWhole = false;
            } else {
                out.printf(Locale.ROOT, "%s: log %s, created %s, %d bytes%n", path.getFileName(), decoded.get().logId(),
                        Instant.ofEpochMilli(decoded.get().createdMs()), file.size());
            }
            new SegmentScanner(file, file.size()).scan(SegmentFormat.HEADER_BYTES, SegmentFormat.base(path).orElseThrow(), bound, findings);
        }
        return isWhole;
    }

    private List<Path> segments() throws IOException {
        List<Path> segments = new ArrayList<>();
        for (Path path : files.list(folder)) {
            if (SegmentFormat.base(path).isPresent()) {
                segments.add(path);
            }
        }
        return segments;
    }

    private static long bound(List<Path> segments, int i) {
        return i + 1 < segments.size() ? SegmentFormat.base(segments.get(i + 1)).orElseThrow() : Long.MAX_VALUE;
    }
}
