package io.monitoringhub.distribution.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.distribution.PackagedHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bill of materials against the tarball. Libraries within plugins, as jars or unpacked, are known by their classes: same name, same bytes as in the jar
 * that the bill names.
 */
class SbomIT {

    private static final String OURS = "io/monitoringhub/";

    @TempDir
    private Path folder;
    private final Map<String, JsonNode> components = new TreeMap<>();
    private PackagedHub hub;

    @BeforeEach
    void read() throws Exception {
        Path bill = Path.of(System.getProperty("hub.sbom"));
        Path tarball = Path.of(System.getProperty("hub.tarball"));
        assumeTrue(Files.exists(bill) && Files.getLastModifiedTime(bill).compareTo(Files.getLastModifiedTime(tarball)) >= 0,
                "no bill of materials of this build: Maven makes none when it works offline (-o)");
        JsonNode root = new ObjectMapper().readTree(Files.readAllBytes(bill));
        assertThat(root.get("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(root.get("metadata").get("component").get("version").asText()).isEqualTo(version());
        root.get("components").forEach(each -> components.put(each.get("name").asText() + "-" + each.get("version").asText(), each));
        hub = PackagedHub.unpackInto(folder);
    }

    private static String version() {
        return Path.of(System.getProperty("hub.tarball")).getFileName().toString().replaceAll("monitoring-hub-(.*)\\.tar\\.gz", "$1");
    }

    @Test
    void namesEachJarOfTheTarballWithItsVersionAndItsDigest() throws Exception {
        List<Path> jars = jars();
        assertThat(jars).hasSizeGreaterThan(40);
        for (Path jar : jars) {
            String name = jar.getFileName().toString().replace(".jar", "");
            JsonNode component = components.get(components.containsKey(name) ? name : name + "-" + version());
            assertThat(component).as("%s in the bill", jar).isNotNull();
            assertThat(sha256(component)).as("digest of %s", jar).hasValue(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar))));
        }
        assertThat(components.values()).as("each library has a license").filteredOn(each -> !each.get("group").asText().equals("io.monitoringhub"))
                .allSatisfy(each -> assertThat(each.path("licenses")).as(each.get("purl").asText()).isNotEmpty());
    }

    @Test
    void namesEachLibraryWithinThemAndNothingElse() throws Exception {
        Map<String, Set<Long>> shipped = new LinkedHashMap<>();
        for (Path jar : jars()) {
            classesOf(jar, shipped);
        }
        Set<String> unused = new TreeSet<>();
        Map<String, Set<Long>> named = new LinkedHashMap<>();
        Map<String, Path> classPath = classPath();
        for (Map.Entry<String, JsonNode> component : components.entrySet()) {
            boolean ours = component.getValue().get("group").asText().equals("io.monitoringhub");
            Path jar = classPath.get(component.getKey());
            assertThat(jar).as("the jar of %s, which the bill names", component.getKey()).isNotNull();
            Map<String, Set<Long>> classes = new LinkedHashMap<>();
            classesOf(jar, classes);
            // What our jars embed has to be named by itself.
            classes.keySet().removeIf(name -> ours && !name.startsWith(OURS));
            if (classes.entrySet().stream().noneMatch(each -> shipped.getOrDefault(each.getKey(), Set.of()).containsAll(each.getValue()))) {
                unused.add(component.getKey());
            }
            classes.forEach((name, digests) -> named.computeIfAbsent(name, key -> new HashSet<>()).addAll(digests));
        }
        assertThat(unused).as("components of which nothing is in the tarball: exclude them in distribution/pom.xml").isEmpty();
        Map<String, Long> unknown = new TreeMap<>();
        shipped.forEach((name, digests) -> digests.stream().filter(digest -> !named.getOrDefault(name, Set.of()).contains(digest))
                .forEach(digest -> unknown.merge(name.replaceFirst("/[^/]*$", ""), 1L, Long::sum)));
        assertThat(unknown).as("packages with classes in the tarball that come from no component: add what they come from to distribution/pom.xml").isEmpty();
    }

    private List<Path> jars() throws IOException {
        try (Stream<Path> all = Files.walk(hub.home())) {
            return all.filter(each -> each.toString().endsWith(".jar")).sorted().toList();
        }
    }

    private static Optional<String> sha256(JsonNode component) {
        for (JsonNode hash : component.path("hashes")) {
            if (hash.get("alg").asText().equals("SHA-256")) {
                return Optional.of(hash.get("content").asText());
            }
        }
        return Optional.empty();
    }

    /** Jars that this test runs with, by name and version: all that the distribution depends on, at whatever depth. */
    private static Map<String, Path> classPath() {
        Map<String, Path> jars = new TreeMap<>();
        Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(":")).filter(each -> each.endsWith(".jar"))
                .map(Path::of).forEach(each -> jars.put(each.getFileName().toString().replace(".jar", ""), each));
        return jars;
    }

    /** Checksums by name, as the jar has them; of jars in it, what unpacking says. Module descriptors are left out: bnd writes one into each of ours. */
    private static void classesOf(Path jar, Map<String, Set<Long>> classes) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (entry.getName().endsWith(".jar")) {
                    classesOf(new ZipInputStream(zip.getInputStream(entry)), classes);
                } else {
                    add(entry, classes);
                }
            }
        }
    }

    private static void classesOf(ZipInputStream jar, Map<String, Set<Long>> classes) throws IOException {
        try (jar) {
            for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
                assertThat(entry.getName()).as("a jar in a jar in a jar").doesNotEndWith(".jar");
                jar.closeEntry();
                add(entry, classes);
            }
        }
    }

    private static void add(ZipEntry entry, Map<String, Set<Long>> classes) {
        if (entry.getName().endsWith(".class") && !entry.getName().endsWith("module-info.class")) {
            assertThat(entry.getCrc()).as(entry.getName()).isNotEqualTo(-1);
            classes.computeIfAbsent(entry.getName(), name -> new HashSet<>()).add(entry.getCrc());
        }
    }
}
