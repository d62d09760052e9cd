package io.monitoringhub.benchmarks.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** How long the disk takes to make 4 KiB durable. Durable figures can't be compared without it. Immutable. */
public final class DiskProbe {
    private static final int SAMPLES = 101;
    private static final int BYTES = 4096;

    private DiskProbe() {
    }

    /** The median time of an append and an fdatasync in a new file in {@code folder}. */
    public static double medianMillis(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "disk-probe-", ".tmp");
        long[] nanos = new long[SAMPLES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocateDirect(BYTES);
            for (int i = 0; i < SAMPLES; i++) {
                long start = System.nanoTime();
                channel.write(block.clear());
                channel.force(false);
                nanos[i] = System.nanoTime() - start;
            }
        } finally {
            Files.delete(file);
        }
        Arrays.sort(nanos);
        return nanos[SAMPLES / 2] / 1e6;
    }
}
