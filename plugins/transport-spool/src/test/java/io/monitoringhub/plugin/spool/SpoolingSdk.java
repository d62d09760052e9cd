package io.monitoringhub.plugin.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** One process of a service as protocol/SPOOL.md wants it: writes, seals, dies, and sends what it finds. Used by one thread. */
final class SpoolingSdk {

    private final Path folder;
    private final UUID client = UUID.randomUUID();
    private final List<String> written = new ArrayList<>();
    private Optional<FileChannel> file = Optional.empty();
    private Path path;

    SpoolingSdk(Path folder) {
        this.folder = folder;
    }

    UUID client() {
        return client;
    }

    /** All whole lines that this process has ever written, without newlines. */
    List<String> written() {
        return written;
    }

    void write(int lines) throws IOException {
        if (file.isEmpty()) {
            path = folder.resolve("svc-" + client + "-" + (written.size() + 1) + ".open-java");
            FileChannel made = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            made.lock();
            file = Optional.of(made);
        }
        for (int i = 0; i < lines; i++) {
            String message = TestHub.message(client + "." + written.size());
            append(message + "\n");
            written.add(message);
        }
    }

    private void append(String text) throws IOException {
        file.get().write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    void seal() throws IOException {
        if (file.isPresent()) {
            Files.move(path, folder.resolve(path.getFileName().toString().replace(".open-java", SpoolName.SEALED)));
            file.get().close();
            file = Optional.empty();
        }
    }

    /** In the middle of a line. Nothing more will come from it. */
    void die() throws IOException {
        if (file.isPresent()) {
            append("{\"v\":1,\"src\":\"sv");
            file.get().close();
            file = Optional.empty();
        }
    }

    /** A file that an SDK has in hand to send it. */
    record InHand(SpoolFile file, FileChannel lock) implements AutoCloseable {

        /** The lines that count: a killed writer may have left half a one. */
        String text() throws IOException {
            String text = Files.readString(file.path());
            return text.substring(0, text.lastIndexOf('\n') + 1);
        }

        @Override
        public void close() throws IOException {
            lock.close();
        }
    }

    /** What a new process of the service does with a client's old files. */
    static Optional<InHand> claim(Path folder, UUID client) throws IOException {
        Optional<SpoolFile> next = lowest(folder, client);
        if (next.isEmpty() || next.get().name().isOurs()) {
            return Optional.empty();
        }
        FileChannel lock = FileChannel.open(next.get().path(), StandardOpenOption.WRITE);
        try {
            lock.tryLock();
        } catch (OverlappingFileLockException alive) {
            lock.close();
            return Optional.empty();
        }
        Path mine = folder.resolve(next.get().name().stem() + ".claimed-java");
        Files.move(next.get().path(), mine);
        return Optional.of(new InHand(new SpoolFile(mine, SpoolName.of(mine.getFileName().toString()).orElseThrow()), lock));
    }

    private static Optional<SpoolFile> lowest(Path folder, UUID client) throws IOException {
        try (var paths = Files.list(folder)) {
            return paths.flatMap(path -> SpoolName.of(path.getFileName().toString()).map(name -> new SpoolFile(path, name)).stream())
                    .filter(found -> found.name().client().equals(Optional.of(client)))
                    .min((a, b) -> Long.compare(a.name().first(), b.name().first()));
        }
    }
}
