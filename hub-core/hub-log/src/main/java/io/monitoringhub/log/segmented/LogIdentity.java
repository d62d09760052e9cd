package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

import io.monitoringhub.log.files.AtomicFile;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * The log's id in a small text file, {@code monitoring-hub-log 1 <uuid> <CRC32C of the text before, 8 hexadecimal digits>}. Every segment
 * says it too: when the file is lost it is written again from them. Used once, by one thread.
 */
final class LogIdentity {

    private static final String FRONT = "monitoring-hub-log 1 ";
    private static final int MAX_BYTES = 1 << 10;

    private final AtomicFile file;
    private final LogEvents events;

    LogIdentity(FileSystemPort files, Path path, LogEvents events) {
        this.file = new AtomicFile(files, path);
        this.events = events;
    }

    /** The id that the file says, or else the oldest readable segment, or else a new one. */
    UUID establish(Map<Path, Optional<SegmentFormat.Header>> headers) throws IOException {
        Optional<UUID> stored = stored();
        if (stored.isPresent()) {
            return stored.get();
        }
        Optional<UUID> known = headers.values().stream().flatMap(Optional::stream).map(SegmentFormat.Header::logId).findFirst();
        UUID id = known.orElseGet(UUID::randomUUID);
        file.write(encode(id));
        if (!headers.isEmpty()) {
            events.identityRestored(id.toString(), known.isPresent() ? "the segments" : "nothing: no segment's header is readable");
        }
        return id;
    }

    private Optional<UUID> stored() throws IOException {
        try {
            return decode(new String(file.read(MAX_BYTES), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static byte[] encode(UUID id) {
        String text = FRONT + id;
        return (text + " " + sum(text) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<UUID> decode(String text) {
        if (text.length() < FRONT.length() + 36) {
            return Optional.empty();
        }
        String front = text.substring(0, FRONT.length() + 36);
        if (!text.equals(front + " " + sum(front) + "\n")) {
            return Optional.empty();
        }
        return Optional.of(UUID.fromString(front.substring(FRONT.length())));
    }

    private static String sum(String text) {
        CRC32C sum = new CRC32C();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x", sum.getValue());
    }
}
