package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import io.monitoringhub.log.files.DiskFiles;
import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * The real file system with a rule in front of every step that changes something. Forces are told to the rule and not done. Thread-safe.
 */
final class FaultyFiles implements FileSystemPort {

    /** A step that is about to be done. */
    enum Step { CREATE, APPEND, FORCE, TRUNCATE, MOVE, DELETE, FORCE_FOLDER }

    /** Lets a step pass or fails it. */
    interface Rule {
        void before(Step step, Path path) throws IOException;
    }

    static final Rule NONE = (step, path) -> { };

    private final DiskFiles disk = new DiskFiles();
    private final Map<Path, Forced> forced = new ConcurrentHashMap<>();
    private final AtomicLong bytesRead = new AtomicLong();
    private final List<Step> steps = new CopyOnWriteArrayList<>();
    private volatile Rule rule = NONE;
    private volatile int mostBytesAtOnce = Integer.MAX_VALUE;
    private volatile boolean isRecording;
    private volatile LongSupplier usableBytes = () -> Long.MAX_VALUE;
    private volatile String bootId = "this-boot";

    void rule(Rule next) {
        rule = next;
    }

    /** From now on one call writes no more than so much. */
    void mostBytesAtOnce(int bytes) {
        mostBytesAtOnce = bytes;
    }

    /** What the disk has left. */
    void usableBytes(LongSupplier bytes) {
        usableBytes = bytes;
    }

    void record() {
        isRecording = true;
    }

    List<Step> steps() {
        return steps;
    }

    /** How much was read from files. */
    long bytesRead() {
        return bytesRead.get();
    }

    /** Takes from every file what was not forced: the worst that a power cut can do to contents. */
    void cutPower() throws IOException {
        for (Map.Entry<Path, Forced> entry : forced.entrySet()) {
            if (Files.exists(entry.getKey())) {
                try (FilePort file = disk.open(entry.getKey())) {
                    file.truncate(Math.min(file.size(), entry.getValue().bytes));
                }
            }
        }
    }

    /** How long a file surely is after a power cut. */
    private static final class Forced {
        private volatile long bytes;
    }

    private void step(Step step, Path path) throws IOException {
        rule.before(step, path);
        if (isRecording) {
            steps.add(step);
        }
    }

    @Override
    public FilePort create(Path file) throws IOException {
        step(Step.CREATE, file);
        Forced none = new Forced();
        forced.put(file, none);
        return new FaultyFile(file, disk.create(file), none);
    }

    @Override
    public FilePort open(Path file) throws IOException {
        FilePort opened = disk.open(file);
        Forced existing = forced.computeIfAbsent(file, any -> new Forced());
        existing.bytes = opened.size();
        return new FaultyFile(file, opened, existing);
    }

    @Override
    public FilePort openToRead(Path file) throws IOException {
        return new FaultyFile(file, disk.openToRead(file), new Forced());
    }

    @Override
    public long usableBytes(Path folder) {
        return usableBytes.getAsLong();
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        step(Step.MOVE, to);
        disk.move(from, to);
        Forced moved = forced.remove(from);
        if (moved != null) {
            forced.put(to, moved);
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        step(Step.DELETE, file);
        disk.delete(file);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        step(Step.FORCE_FOLDER, folder);
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        return disk.list(folder);
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        disk.createFolder(folder);
    }

    void bootId(String id) {
        bootId = id;
    }

    @Override
    public String bootId() {
        return bootId;
    }

    private final class FaultyFile implements FilePort {

        private final Path path;
        private final FilePort file;
        private final Forced surely;

        FaultyFile(Path path, FilePort file, Forced surely) {
            this.path = path;
            this.file = file;
            this.surely = surely;
        }

        @Override
        public long append(ByteBuffer[] buffers, int count) throws IOException {
            int most = mostBytesAtOnce;
            if (most == Integer.MAX_VALUE) {
                step(Step.APPEND, path);
                return file.append(buffers, count);
            }
            ByteBuffer first = buffers[0];
            for (int i = 0; !first.hasRemaining(); i++) {
                first = buffers[i];
            }
            int limit = first.limit();
            first.limit(Math.min(limit, first.position() + most));
            try {
                step(Step.APPEND, path);
                return file.append(new ByteBuffer[] {first}, 1);
            } finally {
                first.limit(limit);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int n = file.read(target, position);
            bytesRead.addAndGet(Math.max(0, n));
            return n;
        }

        @Override
        public void force() throws IOException {
            step(Step.FORCE, path);
            surely.bytes = file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            step(Step.TRUNCATE, path);
            file.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
