package io.monitoringhub.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Which lines of which acknowledged clients are settled, as a file: what the log says up to an offset, so that a start has to read the log
 * only from there. Immutable.
 *
 * <pre>
 * magic "MHCL" | version 1 (32 bits) | log id (128) | offset (64) | number of clients (32)
 * per client: id (128) | settled number (64) | last used, Unix milliseconds (64)
 * CRC32C of all before (32)
 * </pre>
 *
 * All numbers are big-endian.
 *
 * @param logId which log it is about
 * @param offset every mark in entries below this offset is in here
 * @param clients in no particular order
 */
record ClientCheckpoint(UUID logId, long offset, List<Entry> clients) {

    private static final int MAGIC = 0x4D48434C;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 36;
    private static final int ENTRY_BYTES = 32;
    private static final int SUM_BYTES = 4;

    /** One client. */
    record Entry(UUID client, long settled, long lastUsed) {
    }

    ClientCheckpoint {
        clients = List.copyOf(clients);
    }

    /** @throws IOException when the file is absent, damaged or of an unknown version; the message says which */
    static ClientCheckpoint read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        if (bytes.limit() < HEADER_BYTES + SUM_BYTES || bytes.getInt(0) != MAGIC || bytes.getInt(4) != VERSION) {
            throw new IOException(file + " is no list of clients of version " + VERSION);
        }
        if (bytes.getInt(bytes.limit() - SUM_BYTES) != sum(bytes, bytes.limit() - SUM_BYTES)) {
            throw new IOException(file + " is damaged: its checksum is wrong");
        }
        bytes.position(8);
        UUID logId = uuid(bytes);
        long offset = bytes.getLong();
        int count = bytes.getInt();
        if (bytes.remaining() != count * (long) ENTRY_BYTES + SUM_BYTES) {
            throw new IOException(file + " is damaged: its length does not fit " + count + " clients");
        }
        List<Entry> clients = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            clients.add(new Entry(uuid(bytes), bytes.getLong(), bytes.getLong()));
        }
        return new ClientCheckpoint(logId, offset, clients);
    }

    /** Replaces the file atomically; it is durable when this returns. */
    void write(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + clients.size() * ENTRY_BYTES + SUM_BYTES);
        bytes.putInt(MAGIC).putInt(VERSION);
        put(bytes, logId);
        bytes.putLong(offset).putInt(clients.size());
        for (Entry entry : clients) {
            put(bytes, entry.client());
            bytes.putLong(entry.settled()).putLong(entry.lastUsed());
        }
        bytes.putInt(sum(bytes, bytes.position())).flip();
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel out = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private static int sum(ByteBuffer bytes, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes.array(), 0, length);
        return (int) sum.getValue();
    }

    private static UUID uuid(ByteBuffer bytes) {
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    private static void put(ByteBuffer bytes, UUID id) {
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }
}
