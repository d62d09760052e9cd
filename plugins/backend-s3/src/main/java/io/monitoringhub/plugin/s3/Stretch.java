package io.monitoringhub.plugin.s3;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Entries that follow each other and whose objects are put together, one for each key.
 *
 * <p>Used by one thread at a time.
 */
final class Stretch implements AutoCloseable {

    private static final long OPEN = -1;

    private final long from;
    private final Path folder;
    private final boolean isPlanned;
    private final long since;
    private final Map<String, Runs> objects = new LinkedHashMap<>();
    private final Set<String> done = new HashSet<>();
    private Spool spool;
    private long until;
    private long bytes;
    private int stemBytes;

    private Stretch(long from, long until, Path folder, long since) {
        this.from = from;
        this.until = until;
        this.folder = folder;
        this.since = since;
        this.isPlanned = until != OPEN;
    }

    /** One that may go on. @param since when its first entry came, in milliseconds */
    static Stretch open(long from, Path folder, long since) {
        return new Stretch(from, OPEN, folder, since);
    }

    /** One that ends where the plan says, whatever comes. */
    static Stretch planned(Plan plan, Path folder) {
        return new Stretch(plan.from(), plan.until(), folder, 0);
    }

    /** Adds an entry. If it throws, nothing was added. */
    void add(String stem, ByteBuffer message) throws IOException {
        if (spool == null) {
            spool = Spool.in(folder);
        }
        int length = message.remaining() + 1;
        long position = spool.append(message);
        Runs runs = objects.get(stem);
        if (runs == null) {
            runs = new Runs();
            objects.put(stem, runs);
            stemBytes += stem.getBytes(StandardCharsets.UTF_8).length + 1;
        }
        runs.add(position, length);
        bytes += length;
    }

    /** Whether this entry would make it larger than this. Never of one that is empty or that is planned. */
    boolean isTooLargeWith(String stem, int length, long mostBytes) {
        if (isPlanned || objects.isEmpty()) {
            return false;
        }
        return bytes + length + 1 > mostBytes
                || !objects.containsKey(stem) && stemBytes + stem.getBytes(StandardCharsets.UTF_8).length + 1 > Plan.MAX_STEMS;
    }

    /** Ends it; later entries belong to another one. */
    void end(long offset) {
        until = offset;
    }

    boolean hasEnded() {
        return until != OPEN;
    }

    long from() {
        return from;
    }

    /** The offset after its last entry, once it has ended. */
    long until() {
        return until;
    }

    /** When its first entry came, in milliseconds. */
    long since() {
        return since;
    }

    /** The stems of its keys. */
    Set<String> stems() {
        return Collections.unmodifiableSet(objects.keySet());
    }

    /** Writes the lines of one object. */
    void copy(String stem, OutputStream out) throws IOException {
        spool.copy(objects.get(stem), out);
    }

    /** Whether this object was put, so that it need not be when others failed. */
    boolean isDone(String key) {
        return done.contains(key);
    }

    /** Notes that this object was put. */
    void done(String key) {
        done.add(key);
    }

    @Override
    public void close() throws IOException {
        if (spool != null) {
            spool.close();
        }
    }
}
