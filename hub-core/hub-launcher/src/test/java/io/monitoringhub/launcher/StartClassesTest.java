package io.monitoringhub.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

class StartClassesTest {

    @TempDir
    Path folder;

    @Test
    void loads_what_a_bundle_has_without_running_any_of_it_and_passes_over_what_is_gone() throws Exception {
        System.clearProperty(Eager.RAN);
        Framework framework = new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.resolve("cache").toString(),
                Constants.FRAMEWORK_BUNDLE_PARENT, Constants.FRAMEWORK_BUNDLE_PARENT_BOOT));
        framework.start();
        try {
            Bundle bundle = framework.getBundleContext().installBundle(bundleWith(Eager.class).toUri().toString());
            bundle.start();
            Files.writeString(folder.resolve("list"), Eager.class.getName() + "\nio.monitoringhub.launcher.GoneSinceThen\n");

            StartClasses.of(folder.resolve("list")).loadFrom(framework.getBundleContext());

            assertThat(System.getProperty(Eager.RAN)).as("initialised").isNull();
            bundle.loadClass(Eager.class.getName()).getDeclaredConstructor().newInstance();
            assertThat(System.getProperty(Eager.RAN)).isEqualTo("yes");
        } finally {
            framework.stop();
            framework.waitForStop(0);
        }
    }

    private Path bundleWith(Class<?> content) throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        manifest.getMainAttributes().putValue(Constants.BUNDLE_SYMBOLICNAME, "eager");
        Path jar = folder.resolve("eager.jar");
        String path = content.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new JarEntry(path));
            content.getClassLoader().getResourceAsStream(path).transferTo(out);
        }
        return jar;
    }

    /** Says when it is initialised. */
    public static final class Eager {

        static final String RAN = "io.monitoringhub.launcher.eager";

        static {
            System.setProperty(RAN, "yes");
        }

        public Eager() {
            // made by its name
        }
    }
}
