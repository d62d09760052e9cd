package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.LogSettings.Durability;
import io.monitoringhub.log.files.AtomicFile;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * Remembers, while the log is open with durability {@code OS}, that a power cut would take entries that readers have seen. Used by one
 * thread at a time.
 *
 * <p>A sink that uses offsets as keys would take new entries under such offsets for old ones and drop them. So after a power cut the log
 * leaves out as many offsets as can have been lost: the unforced part is at most a segment and one frame more, and an entry has at least
 * one byte. A killed process loses nothing of what it had written, and nothing is left out then. The file {@code log.open} says
 * {@code monitoring-hub-open 1 <offsets to leave out> <boot id>}.
 */
final class OpenMark {

    static final String NAME = "log.open";

    private static final String FRONT = "monitoring-hub-open 1 ";
    private static final int MAX_BYTES = 1 << 10;

    private final LogSettings settings;
    private final FileSystemPort files;
    private final Path path;

    OpenMark(LogSettings settings, FileSystemPort files) {
        this.settings = settings;
        this.files = files;
        this.path = settings.folder().resolve(NAME);
    }

    /** How many offsets behind the last entry may be known to somebody; 0 unless there was a power cut. */
    long offsetsInDoubt() throws IOException {
        try {
            String[] words = new String(new AtomicFile(files, path).read(MAX_BYTES), StandardCharsets.UTF_8).trim().split(" ");
            boolean isReadable = words.length == 4 && FRONT.equals(words[0] + " " + words[1] + " ") && words[2].matches("[0-9]{1,12}");
            if (!isReadable) {
                return inDoubt();
            }
            return words[3].equals(files.bootId()) ? 0 : Long.parseLong(words[2]);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** Sets the mark before the first append, or takes it away when the settings make it needless. */
    void set() throws IOException {
        if (settings.durability() == Durability.OS) {
            new AtomicFile(files, path).write((FRONT + inDoubt() + " " + files.bootId() + "\n").getBytes(StandardCharsets.UTF_8));
        } else {
            clear();
        }
    }

    /** Takes the mark away: everything is forced. */
    void clear() throws IOException {
        try {
            files.delete(path);
            files.forceFolder(settings.folder());
        } catch (NoSuchFileException e) {
            // As it should be.
        }
    }

    private long inDoubt() {
        return settings.segmentBytes() + FrameFormat.MAX_PAYLOAD;
    }
}
