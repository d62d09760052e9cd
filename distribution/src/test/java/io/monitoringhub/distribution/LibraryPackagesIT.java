package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

/** The libraries in {@code lib/}: the framework offers them to bundles as the versions that they are. */
class LibraryPackagesIT {

    private static final List<String> NOT_FOR_BUNDLES = List.of("hub-launcher-", "logback-", "org.apache.felix.framework-");
    /** One clause of {@code Export-Package}: packages, and attributes in any order. */
    private static final Pattern CLAUSE = Pattern.compile("(?:[^,\"]|\"[^\"]*\")+");
    private static final Pattern VERSION = Pattern.compile("version=\"?([\\w.]+)\"?");

    @TempDir
    private Path folder;

    @Test
    void theFrameworkOffersWhatTheJarsInLibExport() throws Exception {
        try (PackagedHub hub = PackagedHub.unpackInto(folder).configure(TestConfiguration.onFreePorts()).start()) {
            Set<String> there = new TreeSet<>();
            try (Stream<Path> jars = Files.list(hub.home().resolve("lib"))) {
                for (Path jar : jars.filter(LibraryPackagesIT::isForBundles).toList()) {
                    there.addAll(packages(exports(jar)));
                }
            }
            assertThat(there).contains("org.osgi.util.promise 1.3.0").anyMatch(name -> name.startsWith("com.fasterxml.jackson.databind "));
            Set<String> offered = packages(hub.shell("headers 0").output().replaceAll("\\s*;\\s*", ";"));
            assertThat(offered).as("library-packages.txt of the launcher").containsAll(there);
            assertThat(hub.shell("headers 0").output()).contains("JakartaServlet");
        }
    }

    private static boolean isForBundles(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".jar") && NOT_FOR_BUNDLES.stream().noneMatch(name::startsWith);
    }

    private static String exports(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getManifest().getMainAttributes().getValue("Export-Package");
        }
    }

    /** As {@code name version}. */
    private static Set<String> packages(String exports) {
        Set<String> packages = new TreeSet<>();
        Matcher clauses = CLAUSE.matcher(exports);
        while (clauses.find()) {
            Matcher version = VERSION.matcher(clauses.group());
            if (version.find()) {
                Stream.of(clauses.group().split(";")).map(String::strip).filter(part -> part.matches("[\\w.]+"))
                        .forEach(name -> packages.add(name + " " + Version.parseVersion(version.group(1))));
            }
        }
        return packages;
    }
}
