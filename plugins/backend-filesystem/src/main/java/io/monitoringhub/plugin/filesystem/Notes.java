package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the journal has to hold: the notes of epochs whose commit is not known to be stored. Keeps the journal small.
 *
 * <p>Used by one thread at a time.
 */
final class Notes {

    private static final Logger LOG = LoggerFactory.getLogger(Notes.class);
    private static final int COMPACT_FROM = 1 << 20;

    private final Journal journal;
    private final Path folder;
    private final Supplier<List<Journal.Pending>> pending;
    private final Deque<Journal.Intent> unsettled = new ArrayDeque<>();
    private boolean isSettled;
    private long compactAt = COMPACT_FROM;

    /**
     * @param folder which files it is about, for messages
     * @param pending the files whose compression is still owed
     * @param isSettled whether any commit is known to have been stored
     */
    Notes(Journal journal, Path folder, Supplier<List<Journal.Pending>> pending, boolean isSettled) {
        this.journal = journal;
        this.folder = folder;
        this.pending = pending;
        this.isSettled = isSettled;
    }

    /** Notes durably how long files were before they are written to. */
    void add(List<Journal.Intent> intents, List<Journal.Pending> owed) throws IOException {
        journal.add(intents, owed);
        unsettled.addAll(intents);
    }

    /** Writes the journal anew with what is still needed. */
    void rewrite() throws IOException {
        journal.rewrite(new Journal.Content(isSettled, List.copyOf(unsettled), pending.get(), 0));
    }

    /** The commits up to this epoch are stored: their notes are void. A journal that can't be tidied only grows. */
    void settle(long storedEpoch) throws ClosedByInterruptException {
        while (!unsettled.isEmpty() && unsettled.peekFirst().epoch() <= storedEpoch) {
            unsettled.removeFirst();
        }
        try {
            if (!isSettled && storedEpoch > 0) {
                journal.addSettled();
                isSettled = true;
            }
            if (journal.length() > compactAt) {
                rewrite();
                compactAt = Math.max(COMPACT_FROM, 2 * journal.length());
            }
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("cannot tidy the journal of {}, it grows until that works: {}", folder, e.toString());
        }
    }

    void close() {
        try {
            journal.close();
        } catch (IOException e) {
            LOG.warn("cannot close the journal of {}: {}", folder, e.toString());
        }
    }
}
