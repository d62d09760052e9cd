package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that are open: the ones used last, up to a limit.
 *
 * <p>Used by one thread at a time.
 */
final class OpenFiles {

    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

    private final Disk disk;
    private final int limit;
    private final Map<TargetFile, Boolean> open = new LinkedHashMap<>(64, 0.75f, true);
    private final Set<Path> foldersToForce = new HashSet<>();

    OpenFiles(Disk disk, int limit) {
        this.disk = disk;
        this.limit = limit;
    }

    /** A file that exists, ready to be written to. */
    FileChannel channel(TargetFile file) throws IOException {
        if (file.channel == null || !file.channel.isOpen()) {
            file.channel = disk.open(file.path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }
        used(file);
        return file.channel;
    }

    /** Creates a file and the folders above it; its name is durable after {@link #forceFolders}. */
    void create(TargetFile file) throws IOException {
        release(file);
        disk.createFolders(file.path.getParent());
        file.channel = disk.open(file.path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        foldersToForce.add(file.path.getParent());
        used(file);
    }

    private void used(TargetFile file) {
        open.put(file, Boolean.TRUE);
        if (open.size() > limit) {
            Iterator<TargetFile> eldest = open.keySet().iterator();
            TargetFile unused = eldest.next();
            eldest.remove();
            close(unused);
        }
    }

    /** Makes the names of new files durable. */
    void forceFolders() throws IOException {
        for (Iterator<Path> folders = foldersToForce.iterator(); folders.hasNext();) {
            Path folder = folders.next();
            if (Files.isDirectory(folder)) {
                disk.forceFolder(folder);
            }
            folders.remove();
        }
    }

    /** Whether the file's last byte ends a line; so does nothing. */
    boolean endsWithLine(TargetFile file, long size) throws IOException {
        if (size == 0) {
            return true;
        }
        ByteBuffer last = ByteBuffer.allocate(1);
        return channel(file).read(last, size - 1) == 1 && last.get(0) == '\n';
    }

    /** Closes the file if it is open. */
    void release(TargetFile file) {
        open.remove(file);
        close(file);
    }

    void releaseAll() {
        open.keySet().forEach(OpenFiles::close);
        open.clear();
    }

    private static void close(TargetFile file) {
        if (file.channel != null) {
            try {
                file.channel.close();
            } catch (IOException e) {
                LOG.warn("cannot close {}: {}", file, e.toString());
            }
            file.channel = null;
        }
    }
}
