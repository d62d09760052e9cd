package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.FileSystemPort;

/** One segment file as the running log knows it. Written by the log's thread, read by many. Thread-safe. */
final class Segment {

    private final Object lock = new Object();
    private final FileSystemPort files;
    private final Path path;
    private final long base;
    private final long createdMs;
    private final Object indexLock = new Object();
    private final long segmentBytes;
    private final Map<Long, Damage> damages = new ConcurrentHashMap<>();
    private final Set<FilePort> handles = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean isIndexed;
    private boolean isDeleted;
    private volatile SparseIndex index;
    private volatile Extent extent;

    /**
     * What readers may see.
     *
     * @param bytes length of the file up to there
     * @param end the offset behind the last entry up to there
     */
    record Extent(long bytes, long end) {
    }

    /** A stretch that is not frames: up to which position, and the offset of what is behind. */
    record Damage(long to, long next) {
    }

    private Segment(FileSystemPort files, Path path, long base, long createdMs, Extent extent, long segmentBytes, boolean isIndexed) {
        this.files = files;
        this.path = path;
        this.base = base;
        this.createdMs = createdMs;
        this.extent = extent;
        this.segmentBytes = segmentBytes;
        this.isIndexed = isIndexed;
        this.index = new SparseIndex(segmentBytes);
    }

    /** A segment of which every frame will be told to the index. */
    static Segment followed(FileSystemPort files, Path path, SegmentFormat.Header header, long segmentBytes) {
        Extent empty = new Extent(SegmentFormat.HEADER_BYTES, header.base());
        return new Segment(files, path, header.base(), header.createdMs(), empty, segmentBytes, true);
    }

    /** A segment that an earlier process closed. */
    static Segment closed(FileSystemPort files, Path path, SegmentFormat.Header header, Extent extent, long segmentBytes) {
        return new Segment(files, path, header.base(), header.createdMs(), extent, segmentBytes, false);
    }

    Path path() {
        return path;
    }

    long base() {
        return base;
    }

    long createdMs() {
        return createdMs;
    }

    Extent extent() {
        return extent;
    }

    void extend(Extent further) {
        extent = further;
    }

    SparseIndex index() {
        return index;
    }

    Map<Long, Damage> damages() {
        return damages;
    }

    /** Where frames begin. */
    SparseIndex.Entry first() {
        return new SparseIndex.Entry(base, SegmentFormat.HEADER_BYTES);
    }

    /** Fills the index of a segment that an earlier process closed; at first use only, because a large log must open quickly. */
    void indexNow(FilePort file) throws IOException {
        synchronized (indexLock) {
            if (isIndexed) {
                return;
            }
            SparseIndex found = new SparseIndex(segmentBytes);
            FrameHops hops = new FrameHops(file, extent);
            hops.from(first());
            while (hops.next()) {
                found.add(hops.base(), hops.position(), hops.timeMs());
            }
            index = found;
            isIndexed = true;
        }
    }

    /**
     * A handle that {@link #close} or {@link #delete} closes.
     *
     * @throws SegmentDeletedException when retention was quicker
     */
    FilePort openToRead() throws IOException {
        synchronized (lock) {
            if (isDeleted) {
                throw new SegmentDeletedException(path);
            }
            FilePort file = files.openToRead(path);
            handles.add(file);
            return file;
        }
    }

    void close(FilePort file) throws IOException {
        synchronized (lock) {
            handles.remove(file);
        }
        file.close();
    }

    boolean isDeleted() {
        synchronized (lock) {
            return isDeleted;
        }
    }

    /** Removes the file for good and closes every reader's handle, so that the space is free at once. */
    void delete() throws IOException {
        List<FilePort> open;
        synchronized (lock) {
            try {
                files.delete(path);
            } catch (NoSuchFileException e) {
                // Somebody was quicker; gone is gone.
            }
            isDeleted = true;
            open = new ArrayList<>(handles);
            handles.clear();
        }
        files.forceFolder(path.getParent());
        for (FilePort file : open) {
            file.close();
        }
    }
}
