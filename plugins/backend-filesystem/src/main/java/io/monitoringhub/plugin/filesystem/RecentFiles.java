package io.monitoringhub.plugin.filesystem;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files in the order in which they were last written to. The next commit's state names the latest of them, as many as it has room for.
 *
 * <p>Used by one thread at a time.
 */
final class RecentFiles {

    private static final int BYTES_BESIDE_THE_NAME = 64;
    /** An encoded name takes at most so many bytes for each character. */
    private static final int BYTES_PER_CHARACTER = 3;

    private final int most;
    private final Map<FileName, TargetFile> files = new LinkedHashMap<>(64, 0.75f, true);

    RecentFiles(int most) {
        this.most = most;
    }

    /** The file was written to. */
    void add(TargetFile file) {
        files.put(file.name, file);
    }

    void remove(TargetFile file) {
        files.remove(file.name);
    }

    boolean contains(FileName name) {
        return files.containsKey(name);
    }

    List<TargetFile> all() {
        return List.copyOf(files.values());
    }

    /** The file of this name; it counts as used. */
    Optional<TargetFile> find(FileName name) {
        return Optional.ofNullable(files.get(name));
    }

    /** The files that a state has room for, those first that were written to last; the others are forgotten. */
    List<TargetFile> keepThoseThatAStateHasRoomFor() {
        List<TargetFile> all = new ArrayList<>(files.values());
        List<TargetFile> named = new ArrayList<>();
        int bytes = 0;
        for (int i = all.size() - 1; i >= 0 && named.size() < most; i--) {
            bytes += BYTES_BESIDE_THE_NAME + BYTES_PER_CHARACTER * all.get(i).name.stream().length();
            if (bytes > CommitState.MAX_BYTES) {
                break;
            }
            named.add(all.get(i));
        }
        all.subList(0, all.size() - named.size()).forEach(this::remove);
        return named;
    }
}
