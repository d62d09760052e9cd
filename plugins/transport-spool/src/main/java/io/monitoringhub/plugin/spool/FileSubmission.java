package io.monitoringhub.plugin.spool;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Receipt;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Reads a claimed file piece by piece into a submission and waits for its receipt. Used by one thread. */
final class FileSubmission {

    static final int PIECE_BYTES = 256 << 10;
    private static final Duration ROOM = Duration.ofSeconds(1);

    private final Ingest ingest;
    private final SpoolSettings settings;
    private final ByteBuffer piece;

    /** @param pieceBytes how much is read at once, more than a line */
    FileSubmission(Ingest ingest, SpoolSettings settings, int pieceBytes) {
        this.ingest = ingest;
        this.settings = settings;
        this.piece = ByteBuffer.allocate(pieceBytes);
    }

    /** @throws InterruptedException when the transport stops: the file stays claimed */
    Outcome take(SpoolFile file) throws InterruptedException {
        try (FileChannel channel = FileChannel.open(file.path(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            if (channel.size() > settings.maxFile()) {
                return new Outcome.Bad("it has " + channel.size() + " bytes, more than max_file allows (" + settings.maxFile()
                        + "): split it at line ends, or raise max_file", true);
            }
            return submit(file, channel);
        } catch (ClosedByInterruptException stopping) {
            // Not this thread's flag: whoever stops us waits for the thread, not for the flag.
            Thread.interrupted();
            throw new InterruptedException();
        } catch (IOException unreadable) {
            return new Outcome.Bad("cannot be opened for reading by the hub: " + unreadable + ". Let the hub's user read it", true);
        }
    }

    private Outcome submit(SpoolFile file, FileChannel channel) throws InterruptedException, IOException {
        Submission submission;
        try {
            submission = ingest.submit(SubmissionRequest.forClient(peer(file.path()), settings.token(), file.name().client().orElseThrow(),
                    file.name().first()));
        } catch (SubmissionRefusedException refused) {
            return later(file, refused);
        }
        try {
            long read = read(file, channel, submission);
            Receipt receipt = submission.finish().toCompletableFuture().get();
            return outcome(file, channel, read, receipt);
        } catch (ExecutionException failed) {
            return failed.getCause() instanceof SubmissionRefusedException refused ? later(file, refused)
                    : new Outcome.Later("the hub could not store " + file + ": " + failed.getCause().getMessage() + ". It is tried again", true);
        } catch (ReadFailure broken) {
            return new Outcome.Bad("cannot be read: " + broken.getCause() + ". Lines up to there are stored", false);
        } finally {
            submission.abort();
        }
    }

    private static Outcome later(SpoolFile file, SubmissionRefusedException refused) {
        return switch (refused.reason()) {
            case SUPERSEDED -> new Outcome.Later("", false);
            case OVERLOADED -> new Outcome.Later("", true);
            case UNAUTHORIZED, FORBIDDEN -> new Outcome.Later("the hub does not let this transport send: " + refused.getMessage()
                    + ". Set 'token'", true);
        };
    }

    /** Sends all whole lines, and what stands behind the last of a plain file. @return how many bytes were sent */
    private long read(SpoolFile file, FileChannel channel, Submission submission) throws InterruptedException, ReadFailure,
            ClosedByInterruptException {
        boolean mayEndAnywhere = file.name().hands() == SpoolName.Hands.HUB_PLAIN;
        long sent = 0;
        piece.clear();
        while (fill(channel)) {
            int end = mayEndAnywhere ? piece.position() : afterLastNewline();
            if (end == 0 && piece.hasRemaining()) {
                // The file's end may still bring the newline.
                continue;
            }
            int whole = end == 0 ? piece.position() : end;
            sent += whole;
            if (!submission.receive(ByteBuffer.wrap(piece.array(), 0, whole))) {
                waitForRoom(submission);
            }
            piece.limit(piece.position()).position(whole);
            piece.compact();
        }
        return sent;
    }

    private boolean fill(FileChannel channel) throws ReadFailure, ClosedByInterruptException {
        try {
            return channel.read(piece) > 0;
        } catch (ClosedByInterruptException stopping) {
            throw stopping;
        } catch (IOException broken) {
            throw new ReadFailure(broken);
        }
    }

    private int afterLastNewline() {
        for (int i = piece.position() - 1; i >= 0; i--) {
            if (piece.get(i) == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    private static void waitForRoom(Submission submission) throws InterruptedException {
        boolean hasRoom = false;
        while (!hasRoom) {
            hasRoom = submission.awaitRoom(ROOM);
        }
    }

    private static Outcome outcome(SpoolFile file, FileChannel channel, long sent, Receipt receipt) throws IOException {
        long torn = file.name().hands() == SpoolName.Hands.HUB_PLAIN ? 0 : channel.size() - sent;
        if (channel.position() < channel.size()) {
            return new Outcome.Later(file + " still grows: write under another name and rename it when it is whole", false);
        }
        if (receipt.refused() > 0 && receipt.accepted() == 0 && receipt.known() == 0) {
            Receipt.Refused first = receipt.refusals().get(0);
            return new Outcome.Bad("none of its " + receipt.refused() + " lines is a message; line " + first.number() + ": " + first.code() + ": "
                    + first.reason(), true);
        }
        return new Outcome.Taken(receipt, torn);
    }

    private static Peer peer(Path path) throws IOException {
        return path.getFileSystem().supportedFileAttributeViews().contains("owner")
                ? new Peer(path.toString(), Optional.of(Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName())) : new Peer(path.toString());
    }

    /** The file, not the hub, failed. */
    private static final class ReadFailure extends Exception {
        private static final long serialVersionUID = 1L;

        ReadFailure(IOException cause) {
            super(cause);
        }
    }
}
