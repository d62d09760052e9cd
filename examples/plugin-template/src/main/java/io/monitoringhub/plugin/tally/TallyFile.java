package io.monitoringhub.plugin.tally;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The tally on the disk: tab-separated, for people and {@code awk}.
 *
 * <pre>
 * #owner   backend:tally/tally of log 0c0f...
 * #next    4711
 * queue-service    event    4242
 * </pre>
 *
 * <p>Used by one thread at a time.
 */
final class TallyFile {

    private static final String OWNER = "#owner\t";
    private static final String NEXT = "#next\t";

    private final Path path;
    private final String owner;

    TallyFile(Path path, String owner) {
        this.path = path;
        this.owner = owner;
    }

    Path path() {
        return path;
    }

    /** @param start where to begin when there is no file yet */
    Tally read(long start, int maxSources) throws IOException, PermanentDeliveryException {
        List<String> lines;
        try {
            lines = Files.readAllLines(path);
        } catch (NoSuchFileException first) {
            return new Tally(start, maxSources);
        }
        try {
            return parse(lines, maxSources);
        } catch (RuntimeException foreign) {
            // Not ours, or somebody edited it. Never overwrite what you do not understand.
            throw new PermanentDeliveryException("cannot read " + path + ": it is no tally; move it away, or set another path", foreign);
        }
    }

    private Tally parse(List<String> lines, int maxSources) throws PermanentDeliveryException {
        String found = after(OWNER, lines.get(0));
        if (!found.equals(owner)) {
            // An offset means something in one log only, and counts of two backends in one file would be nobody's.
            throw new PermanentDeliveryException("cannot use " + path + ": it belongs to " + found + ", this is " + owner
                    + "; set another path, or move the file away");
        }
        Tally tally = new Tally(Long.parseLong(after(NEXT, lines.get(1))), maxSources);
        for (String line : lines.subList(2, lines.size())) {
            String[] cells = line.split("\t");
            tally.set(URLDecoder.decode(cells[0], StandardCharsets.UTF_8), MessageType.of(cells[1]).orElseThrow(), Long.parseLong(cells[2]));
        }
        return tally;
    }

    private static String after(String mark, String line) {
        if (!line.startsWith(mark)) {
            throw new IllegalArgumentException("expected " + mark + "in: " + line);
        }
        return line.substring(mark.length());
    }

    /**
     * Replaces the file as a whole: write beside it, force, rename, force the folder. A crash at any moment leaves the old file or
     * the new one. Without the first force the new name can point to nothing after a power cut; without the second the rename can be undone.
     */
    void replace(Tally tally) throws IOException {
        StringBuilder text = new StringBuilder(OWNER + owner + "\n" + NEXT + tally.next() + "\n");
        tally.counts().forEach((source, counts) -> {
            for (MessageType type : MessageType.values()) {
                if (counts[type.ordinal()] > 0) {
                    // A source may hold any character, tabs and line ends included.
                    text.append(URLEncoder.encode(source, StandardCharsets.UTF_8)).append('\t').append(type.word()).append('\t')
                            .append(counts[type.ordinal()]).append('\n');
                }
            }
        });
        Files.createDirectories(path.getParent());
        Path draft = path.resolveSibling(path.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
