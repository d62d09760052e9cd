package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongSupplier;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.Cursors;
import io.monitoringhub.log.files.AtomicFile;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * The cursors' folder. Thread-safe.
 *
 * <p>A damaged cursor is set aside. When its owner opens it again it stands at the log's start, because nobody knows how far it was:
 * entries come twice, and a sink that keeps offsets takes them once. Until it is opened or dropped, retention removes nothing.
 */
final class CursorFiles implements Cursors {

    private static final String CORRUPT = ".corrupt";

    private final Object lock = new Object();
    private final FileSystemPort files;
    private final Path folder;
    private final LogEvents events;
    private final Map<String, CursorFile> known = new ConcurrentSkipListMap<>();
    private final Set<String> unreadable = new ConcurrentSkipListSet<>();
    private LongSupplier start = () -> 0;
    private LongSupplier durable = () -> 0;
    private Runnable moved = () -> { };
    private volatile boolean isClosed;

    CursorFiles(FileSystemPort files, Path folder, LogEvents events) {
        this.files = files;
        this.folder = folder;
        this.events = events;
    }

    /** Reads all cursors. */
    void load() throws IOException {
        files.createFolder(folder);
        for (Path file : files.list(folder)) {
            String fileName = file.getFileName().toString();
            Optional<String> name = CursorFormat.cursor(fileName);
            if (name.isPresent()) {
                load(name.get(), file);
            } else if (fileName.endsWith(AtomicFile.TMP)) {
                files.delete(file);
                events.leftoverRemoved(file);
            } else if (fileName.endsWith(CORRUPT)) {
                CursorFormat.cursor(fileName.substring(0, fileName.length() - CORRUPT.length())).ifPresent(unreadable::add);
            } else {
                events.foreignFile(file, "not a cursor's name");
            }
        }
        unreadable.removeAll(known.keySet());
    }

    /** Tells the cursors of the log that they belong to; before anybody uses them. */
    void attach(LongSupplier logStart, LongSupplier logDurable, Runnable onMoved) {
        start = logStart;
        durable = logDurable;
        moved = onMoved;
    }

    @Override
    public Cursor open(String name, long initial) throws IOException {
        synchronized (lock) {
            CursorFile existing = known.get(name);
            if (existing != null) {
                return existing;
            }
            if (initial < 0 || initial > durable()) {
                throw new IllegalArgumentException("cursor " + name + " can't begin at " + initial + ": the log is durable up to "
                        + durable());
            }
            if (isClosed) {
                throw new IllegalStateException("cursor " + name + " can't be stored: the log is closed");
            }
            long first = unreadable.contains(name) ? Math.min(initial, start()) : initial;
            CursorFormat.Content content = new CursorFormat.Content(first, new byte[0]);
            AtomicFile file = new AtomicFile(files, path(name));
            file.write(CursorFormat.encode(content));
            CursorFile cursor = new CursorFile(name, file, content, this);
            known.put(name, cursor);
            unreadable.remove(name);
            return cursor;
        }
    }

    @Override
    public Optional<Cursor> find(String name) {
        return Optional.ofNullable(known.get(name));
    }

    @Override
    public List<Cursor> all() {
        return new ArrayList<>(known.values());
    }

    @Override
    public void drop(String name) throws IOException {
        synchronized (lock) {
            CursorFile cursor = known.get(name);
            if (cursor != null) {
                cursor.drop();
                files.delete(path(name));
                files.forceFolder(folder);
                known.remove(name);
            }
            if (unreadable.remove(name)) {
                files.delete(aside(path(name)));
            }
        }
        moved();
    }

    /** The first offset that some cursor needs. */
    long lowest() {
        return unreadable.isEmpty() ? known.values().stream().mapToLong(CursorFile::needed).min().orElse(Long.MAX_VALUE) : 0;
    }

    /** The highest position of any cursor, 0 without one: entries below it were durable once. */
    long highest() {
        return known.values().stream().mapToLong(CursorFile::position).max().orElse(0);
    }

    /** Who needs the oldest entries, in words. */
    String slowest() {
        if (!unreadable.isEmpty()) {
            return "the damaged cursors " + unreadable + " were not opened again";
        }
        return known.values().stream().min((a, b) -> Long.compare(a.needed(), b.needed()))
                .map(cursor -> "cursor " + cursor.name() + " still needs entries from " + cursor.needed() + " on")
                .orElse("nobody needs the oldest entries");
    }

    long start() {
        return start.getAsLong();
    }

    long durable() {
        return durable.getAsLong();
    }

    void moved() {
        moved.run();
    }

    boolean isClosed() {
        return isClosed;
    }

    void close() {
        isClosed = true;
    }

    private void load(String name, Path file) throws IOException {
        AtomicFile content = new AtomicFile(files, file);
        try {
            known.put(name, new CursorFile(name, content, CursorFormat.decode(content.read(CursorFormat.MAX_BYTES)), this));
        } catch (IOException e) {
            Path aside = aside(file);
            files.move(file, aside);
            files.forceFolder(folder);
            unreadable.add(name);
            events.cursorUnreadable(name, aside, e);
        }
    }

    private static Path aside(Path file) {
        return file.resolveSibling(file.getFileName() + CORRUPT);
    }

    private Path path(String name) {
        return folder.resolve(CursorFormat.fileName(name));
    }
}
