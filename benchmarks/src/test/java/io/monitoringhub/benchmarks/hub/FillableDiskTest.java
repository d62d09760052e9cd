package io.monitoringhub.benchmarks.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FillableDiskTest {
    private static final byte[] DATA = new byte[100_000];

    @TempDir
    private Path work;

    /** Mounting takes root. */
    @Test
    void aFullDiskTakesNothingUntilItIsFreed() throws Exception {
        Path image = work.resolve("image");
        try (FillableDisk disk = mount(image)) {
            Path file = Files.write(disk.folder().resolve("file"), DATA);
            disk.fill();
            assertThatThrownBy(() -> Files.write(disk.folder().resolve("other"), DATA)).isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left");
            disk.free();
            Files.write(disk.folder().resolve("other"), DATA);
            assertThat(file).hasBinaryContent(DATA);
        }
        assertThat(image).doesNotExist();
        assertThat(work.resolve("disk")).isEmptyDirectory();
    }

    /** Mounting takes root. */
    @Test
    void whatWritesToAFrozenDiskReturnsWhenItHasThawed() throws Exception {
        try (FillableDisk disk = mount(work.resolve("image"))) {
            Path file = disk.folder().resolve("file");
            Process writer;
            try (FrozenDisk frozen = disk.freeze()) {
                writer = new ProcessBuilder("bash", "-c", "echo written > \"$1\"", "write", file.toString()).start();
                assertThat(writer.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
            }
            assertThat(writer.waitFor()).isZero();
            assertThat(file).hasContent("written\n");
        }
    }

    private FillableDisk mount(Path image) throws InterruptedException {
        try {
            return FillableDisk.mount(image, work.resolve("disk"), 24 << 20);
        } catch (IOException notAllowed) {
            return abort("no mounting here: " + notAllowed.getMessage());
        }
    }
}
