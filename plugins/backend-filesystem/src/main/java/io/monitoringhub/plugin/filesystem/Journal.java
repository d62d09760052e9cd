package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * The file that says how long other files were before they were written to. One line a record, each behind its CRC32C in hexadecimal:
 * <pre>
 * I EPOCH LENGTH NUMBER STREAM    in this epoch, the file is about to grow from this length, or to be created
 * P PERIOD NUMBER STREAM          the file is to be compressed once it has ended
 * S                               a commit has been stored since the journal's folder was first used
 * </pre>
 * A line that a crash has torn has a wrong sum and counts as not written: what it announces did not happen.
 *
 * <p>Used by one thread at a time.
 */
final class Journal {

    /** How long a file was before the first append of an epoch. */
    record Intent(long epoch, FileName file, long length) {

        private String line() {
            return "I " + epoch + " " + length + " " + file.number() + " " + file.stream();
        }
    }

    /** A file that is compressed once it has ended. */
    record Pending(FileName file, long period) {

        private String line() {
            return "P " + period + " " + file.number() + " " + file.stream();
        }
    }

    /** All that a journal says. */
    record Content(boolean isSettled, List<Intent> intents, List<Pending> pending, int torn) { }

    private final Path file;
    private final Disk disk;
    private FileChannel channel;
    private long length;

    Journal(Path file, Disk disk) {
        this.file = file;
        this.disk = disk;
    }

    long length() {
        return length;
    }

    Content read() throws IOException {
        List<Intent> intents = new ArrayList<>();
        List<Pending> pending = new ArrayList<>();
        boolean isSettled = false;
        int torn = 0;
        for (String line : lines()) {
            String[] words = line.split(" ", 2);
            if (words.length < 2 || !words[0].equals(sum(words[1]))) {
                torn++;
            } else if (words[1].equals("S")) {
                isSettled = true;
            } else if (words[1].startsWith("I ")) {
                String[] fields = words[1].split(" ", 5);
                intents.add(new Intent(Long.parseLong(fields[1]), new FileName(fields[4], Integer.parseInt(fields[3])),
                        Long.parseLong(fields[2])));
            } else if (words[1].startsWith("P ")) {
                String[] fields = words[1].split(" ", 4);
                pending.add(new Pending(new FileName(fields[3], Integer.parseInt(fields[2])), Long.parseLong(fields[1])));
            }
        }
        return new Content(isSettled, List.copyOf(intents), List.copyOf(pending), torn);
    }

    private List<String> lines() throws IOException {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Puts a new journal with this content in the place of the old one. */
    void rewrite(Content content) throws IOException {
        StringBuilder text = new StringBuilder();
        if (content.isSettled) {
            append("S", text);
        }
        content.intents.forEach(intent -> append(intent.line(), text));
        content.pending.forEach(pending -> append(pending.line(), text));
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        close();
        disk.replace(file, bytes);
        length = bytes.length;
    }

    /** Adds records, on the disk when it returns. */
    void add(List<Intent> intents, List<Pending> pending) throws IOException {
        StringBuilder text = new StringBuilder();
        pending.forEach(each -> append(each.line(), text));
        intents.forEach(each -> append(each.line(), text));
        add(text);
    }

    /** Notes that a commit has been stored. */
    void addSettled() throws IOException {
        StringBuilder text = new StringBuilder();
        append("S", text);
        add(text);
    }

    private void add(StringBuilder text) throws IOException {
        if (channel == null || !channel.isOpen()) {
            channel = disk.open(file, StandardOpenOption.WRITE);
        }
        ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        int count = bytes.remaining();
        if (channel.size() > length) {
            channel.truncate(length);
        }
        Disk.writeFully(channel, bytes, length);
        disk.force(channel);
        length += count;
    }

    void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    private static void append(String record, StringBuilder text) {
        text.append(sum(record)).append(' ').append(record).append('\n');
    }

    private static String sum(String record) {
        CRC32C crc = new CRC32C();
        crc.update(record.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x", crc.getValue());
    }
}
