package io.monitoringhub.plugin.filesystem;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Files that end: nobody appends to them any more. They are closed, and compressed once a commit after their last byte is known to be
 * stored.
 *
 * <p>Used by one thread at a time.
 */
final class Endings {

    private final boolean compresses;
    private final Compressor compressor;
    /** Files that are to be compressed some day, until they are. */
    private final Map<FileName, TargetFile> expected = new LinkedHashMap<>();
    private final Deque<TargetFile> ended = new ArrayDeque<>();
    private long watermark = Long.MIN_VALUE;

    Endings(boolean compresses, Compressor compressor) {
        this.compresses = compresses;
        this.compressor = compressor;
    }

    /** This file is to be compressed when it has ended. */
    void expect(TargetFile file) {
        if (compresses) {
            expected.putIfAbsent(file.name, file);
        }
    }

    Collection<TargetFile> expected() {
        return List.copyOf(expected.values());
    }

    TargetFile find(FileName name) {
        return expected.get(name);
    }

    /** What the journal should know of. */
    List<Journal.Pending> pending() {
        return expected.values().stream().map(file -> new Journal.Pending(file.name, file.period)).toList();
    }

    /** Another file of the same stream follows. */
    void superseded(TargetFile file) {
        if (!file.isEnded) {
            file.isEnded = true;
            ended.add(file);
        }
    }

    /**
     * Closes and hands over files that have ended.
     *
     * @param latest the latest period that entries were received in: files of earlier ones have ended
     * @param storedEpoch the last epoch whose commit is stored
     * @param close closes a file and forgets it
     */
    void release(long latest, long storedEpoch, Consumer<TargetFile> close) {
        for (FileName name; (name = compressor.done().poll()) != null;) {
            expected.remove(name);
        }
        if (latest > watermark) {
            watermark = latest;
            new ArrayList<>(expected.values()).stream().filter(file -> file.period < latest).forEach(this::superseded);
        }
        for (Iterator<TargetFile> files = ended.iterator(); files.hasNext();) {
            TargetFile file = files.next();
            if (file.isTouched || file.isDirty || file.lastEpoch > storedEpoch) {
                continue;
            }
            if (expected.containsKey(file.name) && !compressor.offer(file.name)) {
                return;
            }
            close.accept(file);
            files.remove();
        }
    }

    /** Why files were not compressed, each once. */
    List<String> failures() {
        List<String> failures = new ArrayList<>();
        for (String failure; (failure = compressor.failures().poll()) != null;) {
            failures.add(failure);
        }
        return failures;
    }

    void close() {
        compressor.close();
    }
}
