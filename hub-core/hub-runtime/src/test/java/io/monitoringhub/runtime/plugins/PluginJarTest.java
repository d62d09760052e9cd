package io.monitoringhub.runtime.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginJarTest {

    @TempDir
    private Path folder;

    @Test
    void readsNameVersionAndDigest() throws Exception {
        Path jar = jar("Bundle-SymbolicName", "a.b;singleton:=true", "Bundle-Version", "1.2.3.x");
        PluginJar staged = PluginJar.stage(jar, folder.resolve("incoming/x.jar"));
        assertThat(staged.symbolicName()).isEqualTo("a.b");
        assertThat(staged.version()).hasToString("1.2.3.x");
        assertThat(staged.sha256()).hasSize(64).isEqualTo(PluginJar.stage(jar, folder.resolve("again.jar")).sha256());
    }

    @Test
    void refusesAJarCutAtAnyPlaceAndKeepsNoCopy() throws Exception {
        byte[] whole = Files.readAllBytes(jar("Bundle-SymbolicName", "a"));
        Path copy = folder.resolve("incoming/x.jar");
        for (int length = 0; length < whole.length; length += 97) {
            Path cut = Files.write(folder.resolve("cut.jar"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> PluginJar.stage(cut, copy)).isInstanceOf(RefusedException.class);
            assertThat(copy).doesNotExist();
        }
    }

    @Test
    void refusesAJarWithADamagedEntry() throws Exception {
        byte[] bytes = Files.readAllBytes(jar("Bundle-SymbolicName", "a"));
        bytes[bytes.length / 2] ^= 0x10;
        Path damaged = Files.write(folder.resolve("damaged.jar"), bytes);
        assertThatThrownBy(() -> PluginJar.stage(damaged, folder.resolve("x.jar"))).hasMessageContaining("not a whole jar");
    }

    @Test
    void doesNotInflateAgainWhatIsTheSameAsAJarThatWas() throws Exception {
        Path jar = jar("Bundle-SymbolicName", "a");
        byte[] bytes = Files.readAllBytes(jar);
        bytes[bytes.length / 2] ^= 0x10;
        Path damaged = Files.write(folder.resolve("damaged.jar"), bytes);
        Path same = Files.write(folder.resolve("same.jar"), bytes);
        // Nobody verifies such a jar and keeps it: that it passes shows that it was not read again.
        assertThat(PluginJar.stage(damaged, folder.resolve("x.jar"), Optional.of(same)).symbolicName()).isEqualTo("a");
        assertThatThrownBy(() -> PluginJar.stage(damaged, folder.resolve("x.jar"), Optional.of(jar))).hasMessageContaining("not a whole jar");
    }

    @Test
    void refusesWhatIsNoBundleInWords() throws Exception {
        Path nameless = jar("Created-By", "a test");
        assertThatThrownBy(() -> PluginJar.stage(nameless, folder.resolve("x.jar"))).hasMessageContaining("no Bundle-SymbolicName");
        Path empty = jar("Bundle-SymbolicName", ";", "Bundle-Version", "1");
        assertThatThrownBy(() -> PluginJar.stage(empty, folder.resolve("x.jar"))).hasMessageContaining("no Bundle-SymbolicName");
        Path fragment = jar("Bundle-SymbolicName", "a", "Fragment-Host", "b");
        assertThatThrownBy(() -> PluginJar.stage(fragment, folder.resolve("x.jar"))).hasMessageContaining("a fragment");
        Path odd = jar("Bundle-SymbolicName", "a", "Bundle-Version", "1.x");
        assertThatThrownBy(() -> PluginJar.stage(odd, folder.resolve("x.jar"))).hasMessageContaining("Bundle-Version");
        assertThatThrownBy(() -> PluginJar.stage(folder.resolve("gone.jar"), folder.resolve("x.jar")))
                .isInstanceOf(RefusedException.class);
    }

    private Path jar(String... headers) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        for (int i = 0; i < headers.length; i += 2) {
            manifest.getMainAttributes().putValue(headers[i], headers[i + 1]);
        }
        Path jar = Files.createTempFile(folder, "bundle", ".jar");
        byte[] payload = new byte[8192];
        new Random(7).nextBytes(payload);
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest)) {
            out.putNextEntry(new ZipEntry("payload"));
            out.write(payload);
            out.closeEntry();
        }
        return jar;
    }
}
