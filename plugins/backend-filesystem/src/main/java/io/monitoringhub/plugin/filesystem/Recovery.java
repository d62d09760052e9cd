package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the files back to what they were at the last commit that was stored.
 *
 * <p>Used by one thread at a time.
 */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Path folder;
    private final Disk disk;
    private final Consumer<String> degraded;

    Recovery(Path folder, Disk disk, Consumer<String> degraded) {
        this.folder = folder;
        this.disk = disk;
        this.degraded = degraded;
    }

    /**
     * Cuts off what was written beyond the commit.
     *
     * @param state what was stored with the commit, if it is of this folder and this log
     * @param journal what the journal says
     */
    void run(Optional<CommitState> state, Journal.Content journal) throws IOException {
        Map<FileName, Long> lengths = new HashMap<>();
        state.ifPresent(known -> known.files().forEach(file -> lengths.put(file.name(), file.length())));
        // Without a state, a journal that has seen a commit belongs to a lane that was begun anew: what is there stays.
        if (state.isPresent() || !journal.isSettled()) {
            long committed = state.map(CommitState::epoch).orElse(0L);
            for (Journal.Intent intent : journal.intents()) {
                if (intent.epoch() > committed) {
                    lengths.merge(intent.file(), intent.length(), Math::min);
                }
            }
        }
        for (Map.Entry<FileName, Long> entry : lengths.entrySet()) {
            cutOff(entry.getKey(), entry.getValue());
        }
        if (journal.torn() > 0) {
            LOG.info("{} torn lines in the journal of {} were ignored", journal.torn(), folder);
        }
    }

    private void cutOff(FileName name, long length) throws IOException {
        Path file = name.in(folder);
        try {
            if (!Files.exists(file)) {
                if (length > 0 && !Files.exists(name.compressedIn(folder))) {
                    degraded.accept(file + " was removed while it was in use: its " + length + " committed bytes are gone");
                }
                return;
            }
            long size = Files.size(file);
            if (size < length) {
                degraded.accept(file + " was cut from " + length + " to " + size + " bytes by somebody else: writing goes on at its end");
                return;
            }
            if (length == 0) {
                disk.delete(file);
                disk.forceFolder(file.getParent());
                return;
            }
            try (FileChannel channel = disk.open(file, StandardOpenOption.WRITE)) {
                if (size > length) {
                    LOG.info("cutting {} from {} to {} bytes: what follows was not committed and comes again", file, size, length);
                    channel.truncate(length);
                }
                disk.force(channel);
            }
        } catch (IOException e) {
            throw FileFailure.of("put back to its committed length", file, e);
        }
    }
}
