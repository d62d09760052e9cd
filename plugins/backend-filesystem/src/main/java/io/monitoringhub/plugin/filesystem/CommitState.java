package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.spi.backend.Commit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is stored with a commit, as text:
 * <pre>
 * fs1 FOLDER LOG EPOCH WATERMARK
 * LENGTH PERIOD NUMBER STREAM       one line a file, those that were written to last come first
 * </pre>
 *
 * <p>Immutable.
 *
 * @param folder identity of the folder: the same lengths mean nothing in another one
 * @param log identity of the log
 * @param epoch which commit of this folder it is
 * @param watermark the latest period that entries were received in
 * @param files the files that were written to last, at most {@link #MAX_FILES}
 */
record CommitState(String folder, String log, long epoch, long watermark, List<FileLength> files) {

    static final int MAX_FILES = 512;
    static final int MAX_BYTES = Commit.MAX_STATE - 4_096;

    private static final String FORMAT = "fs1";

    /** A file, how long it was at the commit, and the period it is for. */
    record FileLength(FileName name, long length, long period) {

        String line() {
            return length + " " + period + " " + name.number() + " " + name.stream() + "\n";
        }
    }

    CommitState {
        files = List.copyOf(files);
    }

    byte[] encoded() {
        StringBuilder text = new StringBuilder(64 + files.size() * 48);
        text.append(FORMAT).append(' ').append(folder).append(' ').append(log).append(' ').append(epoch).append(' ').append(watermark)
                .append('\n');
        files.forEach(file -> text.append(file.line()));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The state in these bytes, unless they are empty or somebody else's. */
    static Optional<CommitState> parse(byte[] bytes) {
        String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n");
        String[] head = lines[0].split(" ");
        if (head.length != 5 || !head[0].equals(FORMAT)) {
            return Optional.empty();
        }
        try {
            List<FileLength> files = new ArrayList<>();
            for (int i = 1; i < lines.length; i++) {
                String[] words = lines[i].split(" ", 4);
                files.add(new FileLength(new FileName(words[3], Integer.parseInt(words[2])), Long.parseLong(words[0]),
                        Long.parseLong(words[1])));
            }
            return Optional.of(new CommitState(head[1], head[2], Long.parseLong(head[3]), Long.parseLong(head[4]), files));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
