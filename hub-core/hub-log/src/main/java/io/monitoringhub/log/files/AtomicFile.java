package io.monitoringhub.log.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A small file that is replaced as a whole: after a crash it holds either the old bytes or the new ones. New bytes go to a file with
 * {@link #TMP} behind its name, are forced, take the old one's place by an atomic rename, and the folder is forced. Immutable.
 */
public final class AtomicFile {

    /** Ends the name of a file that was not finished; such a file is rubbish after a crash. */
    public static final String TMP = ".tmp";

    private final FileSystemPort files;
    private final Path path;

    public AtomicFile(FileSystemPort files, Path path) {
        this.files = files;
        this.path = path;
    }

    /** Durable when it returns. A failure leaves the old content, or in the last step the new. An interrupt does not stop it half-way. */
    public void write(byte[] content) throws IOException {
        Uninterrupted.run(() -> {
            Path tmp = path.resolveSibling(path.getFileName() + TMP);
            try (FilePort file = files.create(tmp)) {
                appendFully(file, ByteBuffer.wrap(content));
                file.force();
            }
            files.move(tmp, path);
            files.forceFolder(path.getParent());
            return null;
        });
    }

    /** The whole content; an {@code IOException} when it is longer than a limit. */
    public byte[] read(int maxBytes) throws IOException {
        return Uninterrupted.run(() -> {
            try (FilePort file = files.openToRead(path)) {
                if (file.size() > maxBytes) {
                    throw new IOException(path + " is " + file.size() + " bytes long, more than the " + maxBytes + " it can have");
                }
                ByteBuffer content = ByteBuffer.allocate((int) file.size());
                readFully(file, content, 0);
                return content.array();
            }
        });
    }

    /** Appends until nothing remains, however little one call takes. */
    public static void appendFully(FilePort file, ByteBuffer bytes) throws IOException {
        ByteBuffer[] one = {bytes};
        while (bytes.hasRemaining()) {
            file.append(one, 1);
        }
    }

    /** Reads until the target is full. */
    public static void readFully(FilePort file, ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int n = file.read(target, at);
            if (n < 0) {
                throw new EOFException("the file ends at " + at + ", " + target.remaining() + " bytes early");
            }
            at += n;
        }
    }
}
