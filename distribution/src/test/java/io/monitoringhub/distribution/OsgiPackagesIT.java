package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

/** OSGi's interfaces in {@code lib/}: the framework offers them to bundles as the versions that they are. */
class OsgiPackagesIT {

    private static final Pattern PACKAGE = Pattern.compile("([a-z.]+);version=\"([^\"]+)\"");

    @TempDir
    private Path folder;

    @Test
    void theFrameworkOffersWhatTheJarsInLibHave() throws Exception {
        try (PackagedHub hub = PackagedHub.unpackInto(folder).configure(TestConfiguration.onFreePorts()).start()) {
            Map<String, Version> there = new TreeMap<>();
            try (Stream<Path> jars = Files.list(hub.home().resolve("lib"))) {
                for (Path jar : jars.filter(file -> file.getFileName().toString().startsWith("org.osgi.")).toList()) {
                    try (JarFile file = new JarFile(jar.toFile())) {
                        packages(file.getManifest().getMainAttributes().getValue("Export-Package").replaceAll(";uses:=\"[^\"]*\"", ""), there);
                    }
                }
            }
            Map<String, Version> offered = new TreeMap<>();
            packages(hub.shell("headers 0").output().replaceAll("\\s*;\\s*", ";"), offered);
            assertThat(there).containsKeys("org.osgi.service.component", "org.osgi.util.promise");
            assertThat(offered).containsAllEntriesOf(there);
        }
    }

    private static void packages(String text, Map<String, Version> found) {
        Matcher each = PACKAGE.matcher(text);
        while (each.find()) {
            found.put(each.group(1), Version.parseVersion(each.group(2)));
        }
    }
}
