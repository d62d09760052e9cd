package io.monitoringhub.plugin.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One folder that this hub alone takes files from: what is in it, and the renames by which a file becomes the hub's and leaves its hands.
 * Used by one thread.
 */
final class SpoolFolder implements AutoCloseable {

    static final String LOCK = ".hub.lock";
    static final String BAD = "bad";
    static final String DONE = "done";

    /** Clients and plain files looked at in one go; further ones wait for the next look. */
    private static final int MOST_CLIENTS = 10_000;
    private static final String REASON = ".reason";

    private final Path folder;
    /** Open as long as the lock is wanted, and never opened twice: closing either would give up the lock of both. */
    private final FileChannel lock;

    private SpoolFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** @throws IOException when the folder can't be worked in, or another hub does already; the message says what to do */
    static SpoolFolder open(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(folder.resolve(LOCK),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException cannot) {
            throw new IOException("cannot work in " + folder + ": " + cannot
                    + ". The hub's user needs to read and write the folder, and to rename what others put there", cannot);
        }
        try {
            FileLock held = channel.tryLock();
            if (held != null) {
                return new SpoolFolder(folder, channel);
            }
        } catch (OverlappingFileLockException inThisProcess) {
            // said below
        } catch (IOException cannot) {
            channel.close();
            throw cannot;
        }
        channel.close();
        throw new IOException("another hub or another transport takes the files of " + folder + ": let only one do it");
    }

    Path path() {
        return folder;
    }

    boolean isThere() {
        return Files.isDirectory(folder) && Files.exists(folder.resolve(LOCK), LinkOption.NOFOLLOW_LINKS);
    }

    /** What is there, by client. */
    Collection<ClientFiles> list() throws IOException {
        Map<Object, ClientFiles> clients = new LinkedHashMap<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
            for (Path path : paths) {
                Optional<SpoolName> name = SpoolName.of(path.getFileName().toString());
                if (name.isPresent()) {
                    add(clients, new SpoolFile(path, name.get()));
                }
            }
        } catch (DirectoryIteratorException broken) {
            throw broken.getCause();
        }
        return clients.values();
    }

    private static void add(Map<Object, ClientFiles> clients, SpoolFile file) {
        Object key = file.name().isPlain() ? file.path() : file.name().client().get();
        ClientFiles known = clients.get(key);
        if (known != null) {
            known.add(file);
        } else if (clients.size() < MOST_CLIENTS) {
            clients.put(key, new ClientFiles(file));
        }
    }

    /** Makes a file the hub's. @return its new name; empty if somebody else was quicker */
    Optional<SpoolFile> claim(SpoolFile file) throws IOException {
        Path mine = folder.resolve(file.name().claimed());
        try {
            Files.move(file.path(), mine);
        } catch (NoSuchFileException | FileAlreadyExistsException quicker) {
            return Optional.empty();
        }
        SpoolFile claimed = new SpoolFile(mine, SpoolName.of(mine.getFileName().toString()).orElseThrow());
        if (!file.name().isPlain() && !isFirst(claimed)) {
            Files.move(mine, folder.resolve(claimed.name().sealed()));
            return Optional.empty();
        }
        return Optional.of(claimed);
    }

    /** Looks again with the file in hand: a listing can miss a file that is renamed at that moment. */
    private boolean isFirst(SpoolFile claimed) throws IOException {
        UUID client = claimed.name().client().orElseThrow();
        ClientFiles files = new ClientFiles(claimed);
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder, path -> path.getFileName().toString().contains(client.toString()))) {
            for (Path path : paths) {
                SpoolName.of(path.getFileName().toString()).filter(name -> name.client().equals(Optional.of(client)))
                        .ifPresent(name -> files.add(new SpoolFile(path, name)));
            }
        } catch (DirectoryIteratorException broken) {
            throw broken.getCause();
        }
        return files.next().name().first() == claimed.name().first();
    }

    /** Makes renames last: once lines are stored under a plain file's new identity a power cut must not bring back the old name. */
    void force() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Its messages are stored. */
    void remove(SpoolFile file) throws IOException {
        Files.deleteIfExists(file.path());
    }

    /** Its messages are stored, and somebody wants to keep it. @param stamp when, for the name */
    void keep(SpoolFile file, String stamp) throws IOException {
        Files.move(file.path(), subfolder(DONE).resolve(stamp + "-" + file.name().sealed()));
    }

    /**
     * Puts a file away that can't be taken.
     *
     * @param isUntouched whether nothing of it has been stored: a plain file is then a new one when it is put back
     */
    Path quarantine(SpoolFile file, String reason, boolean isUntouched) throws IOException {
        Path bad = subfolder(BAD);
        String name = isUntouched ? file.name().forgotten() : file.name().sealed();
        Path target = bad.resolve(name);
        for (int copy = 2; Files.exists(target, LinkOption.NOFOLLOW_LINKS); copy++) {
            target = bad.resolve(copy + "-" + name);
        }
        Files.writeString(bad.resolve(target.getFileName() + REASON), reason + "\n", StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        Files.move(file.path(), target);
        return target;
    }

    private Path subfolder(String name) throws IOException {
        Path sub = folder.resolve(name);
        if (!Files.isDirectory(sub, LinkOption.NOFOLLOW_LINKS)) {
            // Fails if it is a file or a link: then it is not the hub's.
            Files.createDirectory(sub);
        }
        return sub;
    }

    /** How many files are in quarantine. */
    int badFiles() throws IOException {
        return names(BAD, "*" + SpoolName.SEALED).size();
    }

    /** What is kept. */
    List<Path> kept() throws IOException {
        return names(DONE, "*" + SpoolName.SEALED);
    }

    private List<Path> names(String sub, String pattern) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder.resolve(sub), pattern)) {
            paths.forEach(names::add);
        } catch (NoSuchFileException none) {
            return List.of();
        }
        return names;
    }

    /** Gives up the folder; what is claimed keeps its name and is taken again by whoever opens it next. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
