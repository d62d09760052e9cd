package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

import io.monitoringhub.log.Frame;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.Uninterrupted;

/**
 * Reads a block of a segment at a time and hands out its frames as slices of the block. Used by one thread at a time, but for
 * {@link #wakeUp}.
 *
 * <p>The block's bytes must not move while the caller holds slices of them. So a call returns what is in the block, and only a call that
 * has nothing to return yet loads more. The handle belongs to this reader alone: an interrupt closes it and nobody else's.
 */
final class SegmentReader implements LogReader {

    private static final int WINDOW_BYTES = 1 << 20;

    private final Segments segments;
    private final Progress progress;
    private final Quarantine quarantine;
    private final Progress.Wake wake = new Progress.Wake();
    private final FileWindow window = new FileWindow(WINDOW_BYTES);
    private final CRC32C sum = new CRC32C();
    private Segment segment;
    private FilePort file;
    private long filePosition;
    /** The offset that the frame at the file position should begin with. */
    private long expected;
    private long position;
    private boolean isClosed;

    SegmentReader(Segments segments, Progress progress, Quarantine quarantine, long offset) {
        this.segments = segments;
        this.progress = progress;
        this.quarantine = quarantine;
        this.position = Math.max(offset, segments.first().base());
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public void seek(long offset) {
        letGo();
        position = Math.max(offset, segments.first().base());
    }

    @Override
    public List<Frame> read(int maxBytes) throws IOException {
        if (isClosed || progress.isClosed()) {
            throw new IllegalStateException("the " + (isClosed ? "reader" : "log") + " is closed");
        }
        return Uninterrupted.run(() -> readOpen(maxBytes));
    }

    @Override
    public boolean await(Duration limit) throws InterruptedException {
        return progress.await(position, limit, wake);
    }

    @Override
    public void wakeUp() {
        progress.wake(wake);
    }

    @Override
    public void close() {
        isClosed = true;
        letGo();
    }

    private List<Frame> readOpen(int maxBytes) throws IOException {
        List<Frame> frames = new ArrayList<>();
        window.shrink();
        // One look for the whole read: a segment grows a moment before the log says that it is durable that far.
        long durable = progress.durable();
        while (frames.isEmpty() && position < durable) {
            try {
                if (segment == null || segment.isDeleted()) {
                    locate();
                }
                if (!readBlock(maxBytes, durable, frames) && !nextSegment()) {
                    break;
                }
            } catch (ClosedByInterruptException e) {
                letGo();
                throw e;
            } catch (ClosedChannelException | SegmentDeletedException e) {
                letGo();
            }
        }
        return frames;
    }

    private void locate() throws IOException {
        letGo();
        position = Math.max(position, segments.first().base());
        enter(segments.holding(position));
        if (position > segment.base()) {
            segment.indexNow(file);
        }
        SparseIndex.Entry start = segment.index().before(position, segment.first());
        filePosition = start.position();
        expected = start.offset();
    }

    private void enter(Segment next) throws IOException {
        file = next.openToRead();
        segment = next;
        filePosition = SegmentFormat.HEADER_BYTES;
        expected = next.base();
    }

    /** Goes on with the segment behind; what lies between is lost. */
    private boolean nextSegment() throws IOException {
        Optional<Segment> next = segments.after(segment);
        if (next.isPresent()) {
            letGo();
            enter(next.get());
            position = Math.max(position, segment.base());
        }
        return next.isPresent();
    }

    /** Adds frames from the current block, at least one; false when the segment has no more below the durable offset. */
    private boolean readBlock(int maxBytes, long durable, List<Frame> frames) throws IOException {
        Segment.Extent extent = segment.extent();
        long payload = 0;
        while (expected < Math.min(extent.end(), durable)) {
            if (!frames.isEmpty() && !isInWindow()) {
                return true;
            }
            if (!isFrame(extent)) {
                if (!frames.isEmpty()) {
                    return true;
                }
                pass(quarantine.at(segment, file, filePosition, expected, extent));
                continue;
            }
            ByteBuffer buffer = window.buffer();
            int at = window.index(filePosition);
            int length = FrameFormat.length(buffer, at);
            long next = FrameFormat.next(buffer, at);
            if (next > position) {
                if (!frames.isEmpty() && payload + length > maxBytes) {
                    return true;
                }
                frames.add(frame(buffer, at, length));
                payload += length;
                position = next;
            }
            filePosition += FrameFormat.HEADER_BYTES + length;
            expected = next;
        }
        return !frames.isEmpty();
    }

    private void pass(Segment.Damage damage) {
        filePosition = damage.to();
        expected = damage.next();
        position = Math.max(position, expected);
    }

    private boolean isInWindow() {
        return window.holds(filePosition, FrameFormat.HEADER_BYTES)
                && window.holds(filePosition, FrameFormat.bytes(window.buffer(), window.index(filePosition)));
    }

    private boolean isFrame(Segment.Extent extent) throws IOException {
        if (extent.bytes() - filePosition < FrameFormat.MIN_BYTES) {
            return false;
        }
        window.load(file, filePosition, FrameFormat.HEADER_BYTES, extent.bytes());
        ByteBuffer buffer = window.buffer();
        int at = window.index(filePosition);
        if (!FrameFormat.isPlausible(buffer, at) || FrameFormat.base(buffer, at) < expected
                || FrameFormat.next(buffer, at) > extent.end()
                || filePosition + FrameFormat.bytes(buffer, at) > extent.bytes()) {
            return false;
        }
        window.load(file, filePosition, (int) FrameFormat.bytes(buffer, at), extent.bytes());
        return FrameFormat.isIntact(window.buffer(), window.index(filePosition), sum);
    }

    private static Frame frame(ByteBuffer buffer, int at, int length) {
        ByteBuffer payload = buffer.slice(at + FrameFormat.HEADER_BYTES, length).asReadOnlyBuffer();
        return new Frame(FrameFormat.base(buffer, at), FrameFormat.count(buffer, at), FrameFormat.timeMs(buffer, at), payload);
    }

    private void letGo() {
        window.clear();
        FilePort open = file;
        Segment of = segment;
        file = null;
        segment = null;
        if (open != null) {
            try {
                of.close(open);
            } catch (IOException e) {
                // Nothing was written through it: there is nothing to lose and nobody who could do anything about it.
            }
        }
    }
}
