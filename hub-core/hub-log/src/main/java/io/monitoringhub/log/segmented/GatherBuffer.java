package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

import io.monitoringhub.log.files.FilePort;

/**
 * Brings many frames to a file in few system calls. Small payloads, and those outside direct memory, are copied behind their headers into
 * one staging buffer; large direct ones are written from where they are. Used by one thread at a time.
 */
final class GatherBuffer {

    private static final int STAGING_BYTES = 1 << 18;
    /** From here on an entry of its own in the gather list is cheaper than a copy. */
    private static final int COPY_BELOW = 1 << 14;
    /** What Linux takes in one call; the JDK would cut longer lists. */
    private static final int MOST_BUFFERS = 1024;

    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);
    private final ByteBuffer[] list = new ByteBuffer[MOST_BUFFERS];
    private final CRC32C sum = new CRC32C();
    private int size;
    private int runStart;

    /** Takes a frame; writes what was taken before when there is no room. */
    void put(FilePort file, Pending frame, long timeMs) throws IOException {
        if (staging.remaining() < FrameFormat.HEADER_BYTES || size > MOST_BUFFERS - 3) {
            flush(file);
        }
        FrameFormat.putHeader(staging, frame.base(), frame.count(), timeMs, frame.payload(), sum);
        ByteBuffer payload = frame.payload().duplicate();
        if (payload.isDirect() && payload.remaining() >= COPY_BELOW) {
            endRun();
            list[size++] = payload;
        } else {
            copy(file, payload);
        }
    }

    /** Writes everything that was taken. */
    void flush(FilePort file) throws IOException {
        endRun();
        try {
            int from = 0;
            while (from < size) {
                if (from > 0) {
                    System.arraycopy(list, from, list, 0, size - from);
                    size -= from;
                    from = 0;
                }
                file.append(list, size);
                while (from < size && !list[from].hasRemaining()) {
                    from++;
                }
            }
        } finally {
            reset();
        }
    }

    /** Forgets what was taken and not written. */
    void reset() {
        Arrays.fill(list, null);
        size = 0;
        runStart = 0;
        staging.clear();
    }

    private void copy(FilePort file, ByteBuffer payload) throws IOException {
        while (payload.hasRemaining()) {
            if (!staging.hasRemaining()) {
                flush(file);
            }
            int n = Math.min(staging.remaining(), payload.remaining());
            staging.put(staging.position(), payload, payload.position(), n);
            staging.position(staging.position() + n);
            payload.position(payload.position() + n);
        }
    }

    private void endRun() {
        if (staging.position() > runStart) {
            list[size++] = staging.slice(runStart, staging.position() - runStart);
            runStart = staging.position();
        }
    }
}
