package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files in the spool folder that nobody should put there. */
class HostileSpoolIT {

    private static final int GOOD_LINES = 1_000;
    private static final int MEBIBYTE = 1 << 20;
    /** They are no files, and stay where they are. */
    private static final List<String> NO_FILES = List.of("fifo.ldjson", "folder.ldjson", "link.ldjson", "loop.ldjson");

    @TempDir
    private Path folder;
    private Path spool;

    @Test
    @Timeout(300)
    void each_file_is_set_aside_with_its_reason_and_good_ones_are_taken() throws Exception {
        try (SteadyHub hub = SteadyHub.startIn(folder)) {
            spool = Files.createDirectories(hub.packaged().data().resolve("spool"));
            CompletableFuture<MonitoringSdk> good = hub.startGoodClient();
            noFiles(hub);
            drop("corpus.ldjson", HostileLine.all().stream().map(HostileLine::text).collect(Collectors.joining("\n")));
            drop("binary.ldjson", noise());
            drop("deep.ldjson", "{\"a\":".repeat(10_000));
            drop("brackets.ldjson", "[".repeat(10 * MEBIBYTE));
            endless("endless.ldjson");
            drop("unreadable.ldjson", "nonsense\n");
            drop("$(reboot).ldjson", "nonsense\n");
            drop("new\nline.ldjson", "nonsense\n");
            drop("n".repeat(240) + ".ldjson", "nonsense\n");
            drop("svc-" + UUID.randomUUID() + "-99999999999999999999.ldjson", "nonsense\n");
            drop("svc-" + UUID.randomUUID() + "-" + Long.MAX_VALUE + ".ldjson", "nonsense\n");
            drop("empty.ldjson", "");
            drop("svc-" + UUID.randomUUID() + "-1.ldjson", goodLines());
            hub.packaged().waitUntil("all files are out of the way", () -> names(spool).equals(NO_FILES), () -> names(spool) + "\n" + hub.status());
            assertReason("corpus", "none of its " + HostileLine.all().size() + " lines is a message; line 1: not_object");
            assertReason("binary", "lines is a message; line 1: ");
            assertReason("deep", "line 1: too_deep");
            assertReason("brackets", "line 1: too_long: the line has 10485761 bytes");
            assertReason("endless", "line 1: too_long: the line has 104857601 bytes");
            // A hub that runs as root reads it all the same.
            assertReason("unreadable", "cannot be opened|line 1: not_object");
            for (String beginning : List.of("__reboot_", "new_line", "nnn", "svc-.*-9{20}-", "svc-.*-" + Long.MAX_VALUE)) {
                assertReason(beginning, "line 1: not_object");
            }
            assertThat(reasons()).hasSize(11);
            hub.awaitDelivered("spooled", GOOD_LINES);
            hub.assertUnaffected(good);
            hub.packaged().waitUntil("the transport says how many", () -> hub.status().contains("11 files in"), hub::status);
            assertThat(hub.status()).contains("the .reason beside each says why");
            String taken = ": " + GOOD_LINES + " messages stored, 0 known before, 0 refused";
            hub.packaged().waitUntil("the log has the good file", () -> hub.packaged().logTail(10_000).contains(taken));
            hub.assertSteady();
        }
    }

    private void noFiles(SteadyHub hub) throws Exception {
        Files.createDirectory(spool.resolve(NO_FILES.get(1)));
        Files.createSymbolicLink(spool.resolve(NO_FILES.get(2)), Files.writeString(folder.resolve("elsewhere"), goodLines()));
        Files.createSymbolicLink(spool.resolve(NO_FILES.get(3)), Path.of(NO_FILES.get(3)));
        // Who opens it to read waits until somebody writes, which nobody will.
        assertThat(hub.packaged().run(List.of("mkfifo", spool.resolve(NO_FILES.get(0)).toString())).exitCode()).isZero();
    }

    private void drop(String name, String text) throws IOException {
        drop(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void drop(String name, byte[] bytes) throws IOException {
        Path draft = Files.write(spool.resolve("draft.tmp"), bytes);
        if (name.startsWith("unreadable")) {
            Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("---------"));
        }
        Files.move(draft, spool.resolve(name));
    }

    private void endless(String name) throws IOException {
        byte[] block = new byte[MEBIBYTE];
        Arrays.fill(block, (byte) 'x');
        Path draft = spool.resolve("draft.tmp");
        try (OutputStream out = Files.newOutputStream(draft)) {
            for (int i = 0; i < 100; i++) {
                out.write(block);
            }
        }
        Files.move(draft, spool.resolve(name));
    }

    private static byte[] noise() {
        byte[] bytes = new byte[MEBIBYTE];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static String goodLines() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < GOOD_LINES; i++) {
            lines.append("{\"v\":1,\"src\":\"spooled\",\"ts\":1,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"message ").append(i).append("\"}}\n");
        }
        return lines.toString();
    }

    private void assertReason(String beginning, String pattern) throws IOException {
        List<String> names = reasons().stream().filter(name -> name.matches(beginning + ".*")).toList();
        assertThat(names).as(beginning).hasSize(1);
        assertThat(spool.resolve("bad").resolve(names.get(0).replaceAll("\\.reason$", ""))).exists();
        assertThat(Files.readString(spool.resolve("bad").resolve(names.get(0)))).as(beginning).containsPattern(pattern);
    }

    private List<String> reasons() {
        return names(spool.resolve("bad")).stream().filter(name -> name.endsWith(".reason")).toList();
    }

    /** But for the hub's lock and the folder of what was set aside. */
    private static List<String> names(Path in) {
        try (Stream<Path> files = Files.list(in)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> !name.endsWith(".lock") && !name.equals("bad")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
