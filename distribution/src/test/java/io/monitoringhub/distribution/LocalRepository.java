package io.monitoringhub.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Maven repository with this build's artefacts, as if somebody had installed them, and everything else by links into the one that this build
 * uses, where nothing of the hub is left behind. Immutable.
 */
final class LocalRepository {

    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Pattern ARTIFACT = Pattern.compile("</parent>.*?<artifactId>([^<]+)</artifactId>", Pattern.DOTALL);

    private LocalRepository() {
    }

    /**
     * Makes it.
     *
     * @param root the project
     * @param folder where it is made
     * @param settings a folder {@code .mvn}: builds below the folder that holds it use the repository, and no network
     */
    static void offer(Path root, Path folder, Path settings) throws IOException {
        Path used = Path.of(Optional.ofNullable(System.getProperty("localRepository")).orElse(System.getProperty("user.home") + "/.m2/repository"));
        Path ours = Files.createDirectories(folder.resolve("io/monitoringhub"));
        link(used, folder, "io");
        link(used.resolve("io"), folder.resolve("io"), "monitoringhub");
        String pom = Files.readString(root.resolve("pom.xml"));
        String version = version(pom);
        put(root.resolve("pom.xml"), Optional.empty(), ours, "monitoring-hub", version);
        Matcher module = MODULE.matcher(pom);
        while (module.find()) {
            Path each = root.resolve(module.group(1));
            Matcher artifact = ARTIFACT.matcher(Files.readString(each.resolve("pom.xml")));
            if (artifact.find()) {
                Path jar = each.resolve("target").resolve(artifact.group(1) + "-" + version + ".jar");
                put(each.resolve("pom.xml"), Optional.of(jar).filter(Files::exists), ours, artifact.group(1), version);
            }
        }
        Files.createDirectories(settings);
        Files.write(settings.resolve("maven.config"), List.of("-o", "-B", "-Dmaven.repo.local=" + folder));
    }

    private static String version(String pom) {
        Matcher version = Pattern.compile("<artifactId>monitoring-hub</artifactId>\\s*<version>([^<]+)</version>").matcher(pom);
        if (!version.find()) {
            throw new IllegalStateException("the root pom has no version of monitoring-hub");
        }
        return version.group(1);
    }

    private static void link(Path from, Path to, String except) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> all = Files.list(from)) {
            for (Path each : all.filter(path -> !path.endsWith(except)).toList()) {
                Files.createSymbolicLink(to.resolve(each.getFileName()), each);
            }
        }
    }

    private static void put(Path pom, Optional<Path> jar, Path group, String artifact, String version) throws IOException {
        Path folder = Files.createDirectories(group.resolve(artifact).resolve(version));
        Files.createSymbolicLink(folder.resolve(artifact + "-" + version + ".pom"), pom);
        if (jar.isPresent()) {
            Files.createSymbolicLink(folder.resolve(jar.get().getFileName()), jar.get());
        }
    }
}
