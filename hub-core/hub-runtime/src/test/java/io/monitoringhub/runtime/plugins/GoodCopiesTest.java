package io.monitoringhub.runtime.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class GoodCopiesTest {

    @TempDir
    private Path folder;

    @Test
    void keepsOnePerNameAndForgetsThoseWhoseFileIsGone() throws Exception {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        GoodCopies copies = new GoodCopies(folder.resolve("good"));
        copies.forgetAllBut(plugins);
        copies.keep("a.jar", staged("first"));
        copies.keep("a.jar", staged("second"));
        copies.keep("b.jar", staged("other"));
        assertThat(copies.find("a.jar").orElseThrow()).hasContent("second");

        Files.createFile(plugins.resolve("b.jar"));
        copies.forgetAllBut(plugins);
        assertThat(copies.find("a.jar")).isEmpty();
        assertThat(copies.find("b.jar")).isPresent();
        copies.forget("b.jar");
        assertThat(copies.find("b.jar")).isEmpty();
    }

    @Test
    void knowsAFileAgainWhileNeitherItNorItsCopyWasTouched() throws Exception {
        GoodCopies copies = new GoodCopies(folder.resolve("good"));
        Path original = Files.writeString(folder.resolve("a.jar"), "first");
        assertThat(untouched(copies, original)).isEmpty();
        keepAndNote(copies, original);

        PluginJar known = untouched(copies, original).orElseThrow();
        assertThat(known).isEqualTo(new PluginJar(folder.resolve("good/a.jar"), "0", "a", Version.emptyVersion, true));
        copies.keep("a.jar", known);
        assertThat(untouched(copies, original)).contains(known);
    }

    @Test
    void doesNotKnowAFileAgainThatWasExchangedForOneOfTheSameSizeAndTime() throws Exception {
        GoodCopies copies = new GoodCopies(folder.resolve("good"));
        Path original = Files.writeString(folder.resolve("a.jar"), "first");
        FileTime time = Files.getLastModifiedTime(original);
        keepAndNote(copies, original);
        awaitTheNextTick(original);
        Files.delete(original);
        Files.setLastModifiedTime(Files.writeString(original, "other"), time);
        assertThat(untouched(copies, original)).isEmpty();

        keepAndNote(copies, original);
        FileTime copied = Files.getLastModifiedTime(folder.resolve("good/a.jar"));
        awaitTheNextTick(folder.resolve("good/a.jar"));
        Files.delete(folder.resolve("good/a.jar"));
        Files.setLastModifiedTime(Files.writeString(folder.resolve("good/a.jar"), "third"), copied);
        assertThat(untouched(copies, original)).isEmpty();
    }

    @Test
    void anotherCopyForgetsWhatTheLastOneWasMadeOf() throws Exception {
        GoodCopies copies = new GoodCopies(folder.resolve("good"));
        Path original = Files.writeString(folder.resolve("a.jar"), "first");
        keepAndNote(copies, original);
        copies.keep("a.jar", staged("second"));
        assertThat(untouched(copies, original)).isEmpty();
        copies.forget("a.jar");
        assertThat(folder.resolve("good")).isEmptyDirectory();
    }

    @Test
    void aChangeShowsOnlyInAFileThatHasRestedForAWhile() throws Exception {
        FileStamp stamp = FileStamp.of(Files.writeString(folder.resolve("a.jar"), "x")).orElseThrow();
        assertThat(stamp.isSettled(stamp.changed())).isFalse();
        assertThat(stamp.isSettled(stamp.changed().plusSeconds(60))).isTrue();
    }

    @Test
    void aNoteThatWasCutOrDamagedIsNone() throws Exception {
        GoodCopies copies = new GoodCopies(folder.resolve("good"));
        Path original = Files.writeString(folder.resolve("a.jar"), "first");
        keepAndNote(copies, original);
        Path note = folder.resolve("good/a.jar.origin");
        byte[] whole = Files.readAllBytes(note);
        for (int length = 0; length < whole.length - 1; length++) {
            Files.write(note, Arrays.copyOf(whole, length));
            assertThat(untouched(copies, original)).as("%d bytes", length).isEmpty();
        }
        Files.write(note, new byte[] {(byte) 0xff, '\n'});
        assertThat(untouched(copies, original)).isEmpty();
        Files.write(note, whole);
        assertThat(untouched(copies, original)).isPresent();
    }

    private static Optional<PluginJar> untouched(GoodCopies copies, Path original) {
        return copies.untouched(original.getFileName().toString(), FileStamp.of(original).orElseThrow());
    }

    /** Until what the file system does now has a later time than this file: see {@link FileStamp#isSettled}. */
    private void awaitTheNextTick(Path file) throws Exception {
        Instant changed = FileStamp.of(file).orElseThrow().changed();
        Path probe = folder.resolve("probe");
        while (!FileStamp.of(Files.writeString(probe, "")).orElseThrow().changed().isAfter(changed)) {
            Files.delete(probe);
        }
    }

    private void keepAndNote(GoodCopies copies, Path original) throws Exception {
        PluginJar jar = staged(Files.readString(original));
        copies.keep("a.jar", jar);
        copies.note("a.jar", jar, FileStamp.of(original).orElseThrow());
    }

    private PluginJar staged(String content) throws Exception {
        return new PluginJar(Files.writeString(folder.resolve("staged"), content), "0", "a", Version.emptyVersion, false);
    }
}
