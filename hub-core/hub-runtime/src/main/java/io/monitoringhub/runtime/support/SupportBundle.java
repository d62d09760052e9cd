package io.monitoringhub.runtime.support;

import io.monitoringhub.command.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The archive while it is written. What can't be got is named in it instead of ending it. Every entry is bounded, and so is their sum.
 *
 * <p>Used by one thread at a time.
 */
final class SupportBundle implements AutoCloseable {

    static final int MOST_BYTES_OF_AN_ENTRY = 3 << 20;
    static final int MOST_BYTES = 8 << 20;

    private final ZipOutputStream zip;
    private final Redaction redaction;
    private final List<String> names = new ArrayList<>();
    private long left = MOST_BYTES;

    /** Something to put in. */
    interface Content<T> {
        T get() throws IOException, InterruptedException;
    }

    private SupportBundle(OutputStream out, Redaction redaction) {
        this.zip = new ZipOutputStream(out);
        this.redaction = redaction;
    }

    /** For its owner only; the file must not exist. */
    static SupportBundle create(Path file, Redaction redaction) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return new SupportBundle(Files.newOutputStream(file, Set.of(StandardOpenOption.WRITE).toArray(StandardOpenOption[]::new)), redaction);
    }

    List<String> names() {
        return List.copyOf(names);
    }

    void document(String name, Content<Object> content) throws IOException, InterruptedException {
        clean(name, () -> Json.text(redaction.of(content.get())) + "\n", problem -> Json.text(Json.map("problem", problem)) + "\n");
    }

    void text(String name, Content<String> content) throws IOException, InterruptedException {
        clean(name, () -> redaction.of(content.get()), problem -> problem + "\n");
    }

    private void clean(String name, Content<String> content, UnaryOperator<String> telling) throws IOException, InterruptedException {
        String text;
        try {
            text = content.get();
        } catch (IOException | RuntimeException e) { // what is broken shall not keep the rest from whoever is to mend it
            text = telling.apply("could not be read: " + e);
        }
        put(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The end of a file, from a line's begin on; nothing where there is none. */
    void tail(String name, Path file, int bytes) throws IOException, InterruptedException {
        if (Files.isRegularFile(file)) {
            text(name, () -> end(file, bytes));
        }
    }

    private static String end(Path file, int bytes) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            long begin = Math.max(0, channel.size() - bytes);
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(bytes, channel.size() - begin));
            channel.position(begin);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // until all is there, or the file has become shorter
            }
            String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            return begin == 0 ? text : "... " + begin + " bytes before this are left out\n" + text.substring(text.indexOf('\n') + 1);
        }
    }

    private void put(String name, byte[] bytes) throws IOException {
        int size = (int) Math.min(Math.min(bytes.length, MOST_BYTES_OF_AN_ENTRY), left);
        zip.putNextEntry(new ZipEntry("hub-support/" + name));
        zip.write(bytes, 0, size);
        if (size < bytes.length) {
            zip.write(("\n... cut: " + (bytes.length - size) + " bytes more\n").getBytes(StandardCharsets.UTF_8));
        }
        zip.closeEntry();
        left -= size;
        names.add(name);
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
