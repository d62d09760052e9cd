package io.monitoringhub.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Peer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps refused lines with the reason, as JSON lines: {@code at}, {@code transport}, {@code peer}, {@code code}, {@code reason}, and the
 * line as {@code line} or, where it is not UTF-8, as {@code line_base64}.
 *
 * <p>Bounded: the file moves aside at a size limit and replaces the one that was moved before. When lines are refused faster than they
 * can be written, the rest is counted only. What looks like a token in a line is not kept.
 *
 * <p>Thread-safe; one thread, {@code hub-rejects}, writes.
 */
public final class RejectFile implements Refusals, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RejectFile.class);
    private static final int MOST_WAITING = 1024;
    /** Written without a group of alternatives: that would take stack for each character. */
    private static final Pattern TOKEN = Pattern.compile("(\"token\"\\s*:\\s*\")[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+", Pattern.DOTALL);
    private static final JsonFactory JSON = new JsonFactory();

    private final Path file;
    private final long maxBytes;
    private final Clock clock;
    private final BlockingQueue<Rejected> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong notKept = new AtomicLong();
    private final RefusalLog log;
    private final Thread writer = new Thread(this::write, "hub-rejects");
    private volatile boolean closing;

    /**
     * Begins to keep refused lines.
     *
     * @param file where; its folder is created with the first line
     * @param maxBytes size at which it moves aside to {@code <file>.1}
     */
    public RejectFile(Path file, long maxBytes, Clock clock) {
        this.file = file;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.log = new RefusalLog(file, System.nanoTime());
        writer.start();
    }

    @Override
    public void refused(ComponentId transport, Peer peer, Refusal refusal, byte[] bytes, int from, int to) {
        log.count(transport, peer, refusal);
        // Checked first: a flood of bad lines must not cost a copy each.
        if (waiting.remainingCapacity() == 0
                || !waiting.offer(new Rejected(clock.instant(), transport, peer, refusal, Arrays.copyOfRange(bytes, from, to)))) {
            notKept.incrementAndGet();
        }
    }

    /** Refused lines that were counted but not kept, because too many came at once or the file could not be written. */
    public long notKept() {
        return notKept.get();
    }

    /** Writes what waits, then ends. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        writer.join(TimeUnit.SECONDS.toMillis(5));
        if (writer.isAlive()) {
            writer.interrupt();
        }
    }

    private void write() {
        try {
            while (!closing || !waiting.isEmpty()) {
                Rejected first = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (first != null) {
                    writeWaiting(first);
                }
                log.report(System.nanoTime());
            }
            log.report(System.nanoTime());
        } catch (InterruptedException wanted) {
            LOG.warn("gave up {} refused lines that were not yet in {}", waiting.size(), file);
        }
    }

    private void writeWaiting(Rejected first) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            moveAsideWhenFull();
            try (OutputStream out = new BufferedOutputStream(
                    Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND))) {
                for (Rejected next = first; next != null; next = waiting.poll()) {
                    next.writeTo(out);
                }
            }
        } catch (IOException failure) {
            notKept.incrementAndGet();
            LOG.warn("cannot keep refused lines in {}: {}. They are counted only", file, failure.toString());
        }
    }

    private void moveAsideWhenFull() throws IOException {
        if (Files.exists(file) && Files.size(file) >= maxBytes) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private record Rejected(Instant at, ComponentId transport, Peer peer, Refusal refusal, byte[] line) {

        void writeTo(OutputStream out) throws IOException {
            try (JsonGenerator json = JSON.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
                json.writeStartObject();
                json.writeStringField("at", at.toString());
                json.writeStringField("transport", transport.toString());
                json.writeStringField("peer", peer.address());
                json.writeStringField("code", refusal.code().word());
                json.writeStringField("reason", refusal.reason());
                writeLine(json);
                json.writeEndObject();
            }
            out.write('\n');
        }

        private void writeLine(JsonGenerator json) throws IOException {
            byte[] shown = withoutToken(line);
            try {
                json.writeStringField("line", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(shown)).toString());
            } catch (CharacterCodingException notUtf8) {
                json.writeBinaryField("line_base64", shown);
            }
        }

        /** Byte by byte, so that it also works where the line is not UTF-8. */
        private static byte[] withoutToken(byte[] line) {
            String bytes = new String(line, StandardCharsets.ISO_8859_1);
            return TOKEN.matcher(bytes).replaceAll("$1***").getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
