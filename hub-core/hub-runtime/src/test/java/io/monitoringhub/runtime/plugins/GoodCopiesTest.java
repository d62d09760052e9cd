package io.monitoringhub.runtime.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
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

    private PluginJar staged(String content) throws Exception {
        return new PluginJar(Files.writeString(folder.resolve("staged"), content), "0", "a", Version.emptyVersion);
    }
}
