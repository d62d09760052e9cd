package io.monitoringhub.runtime.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstLookTest {

    @TempDir
    Path folder;

    @BeforeEach
    void jars() throws Exception {
        for (String name : List.of("a.jar", "b.jar", "c.jar", "d.jar", "note.txt")) {
            Files.write(folder.resolve(name), new byte[name.equals("c.jar") ? 20 : 10]);
        }
    }

    private FirstLook look() throws Exception {
        return new FirstLook(folder, file -> file.toString().endsWith(".jar"));
    }

    @Test
    void gives_what_is_preferred_once_the_largest_first() throws Exception {
        FirstLook look = look();
        look.prefer(Set.of("d.jar", "c.jar", "b.jar", "gone.jar"));
        assertThat(look.ahead()).containsExactly(folder.resolve("c.jar"), folder.resolve("b.jar"), folder.resolve("d.jar"));
        assertThat(look.ahead()).isEmpty();
    }

    @Test
    void waits_for_nothing_that_nobody_will_ask_for() throws Exception {
        Files.createDirectory(folder.resolve("folder.jar"));
        Files.createSymbolicLink(folder.resolve("nowhere.jar"), Path.of("gone"));
        FirstLook look = look();
        CompletionStage<Void> preferred = look.prefer(Set.of("b.jar"));
        Files.delete(folder.resolve("b.jar"));
        assertThat(look.waiting()).containsExactlyInAnyOrder("a.jar", "c.jar", "d.jar");
        assertThat(preferred.toCompletableFuture()).isDone();
        for (String jar : List.of("a.jar", "c.jar", "d.jar")) {
            Files.delete(folder.resolve(jar));
        }
        assertThat(look.done().toCompletableFuture()).isDone();
    }

    @Test
    void knows_of_each_file_that_it_was_ahead_until_it_is_asked_for() throws Exception {
        FirstLook look = look();
        look.prefer(Set.of("b.jar"));
        look.ahead();
        look.seen("b.jar");
        assertThat(look.wasAhead(folder.resolve("a.jar"))).isFalse();
        assertThat(look.wasAhead(folder.resolve("b.jar"))).isTrue();
        assertThat(look.wasAhead(folder.resolve("b.jar"))).as("another file of the same name").isFalse();
    }

    @Test
    void takes_a_file_that_has_changed_since_or_had_gone_for_another_one() throws Exception {
        FirstLook look = look();
        look.prefer(Set.of("b.jar", "d.jar"));
        Files.delete(folder.resolve("d.jar"));
        look.ahead();
        Files.write(folder.resolve("b.jar"), new byte[11]);
        Files.write(folder.resolve("d.jar"), new byte[10]);
        assertThat(look.wasAhead(folder.resolve("b.jar"))).isFalse();
        assertThat(look.wasAhead(folder.resolve("d.jar"))).isFalse();
    }

    @Test
    void is_done_with_what_is_preferred_before_it_is_done_with_all() throws Exception {
        FirstLook look = look();
        CompletionStage<Void> preferred = look.prefer(Set.of("b.jar", "c.jar"));
        look.seen("a.jar");
        look.seen("b.jar");
        assertThat(isDone(preferred)).isFalse();
        look.seen("c.jar");
        assertThat(isDone(preferred)).isTrue();
        assertThat(isDone(look.done())).isFalse();
        look.seen("d.jar");
        assertThat(isDone(look.done())).isTrue();
    }

    @Test
    void waits_for_no_file_that_is_not_there() throws Exception {
        assertThat(isDone(look().prefer(Set.of("gone.jar")))).isTrue();
        assertThat(isDone(look().prefer(Set.of()))).isTrue();
        assertThat(isDone(new FirstLook(folder.resolve("nowhere"), file -> true).done())).isTrue();
    }

    private static boolean isDone(CompletionStage<Void> stage) {
        return stage.toCompletableFuture().isDone();
    }
}
