package io.monitoringhub.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** What holds for all modules and all files. */
class ModuleTest {

    private static final Reactor REACTOR = Reactor.current();
    private static final int MAX_LINES = 400;

    /** Sources that may be longer, with the reason. There should be none. */
    private static final Map<String, String> MAY_BE_LONGER = Map.of(
            "hub-core/hub-testkit/src/main/java/io/monitoringhub/testkit/BackendContract.java",
            "a contract is one class, so that who extends it gets all of it",
            "hub-core/hub-testkit/src/main/java/io/monitoringhub/testkit/TransportContract.java",
            "a contract is one class, so that who extends it gets all of it");

    /** Poms of projects that are not part of the build, with the reason. */
    private static final Map<String, String> OUTSIDE_THE_REACTOR = Map.of();

    private static final Pattern SOURCE = Pattern.compile(".*\\.(java|pl|pm|t|py|r|R|c|h|sh|xml|yaml|yml|bnd|md|properties)"
            + "|(.*/)?(bin/\\w+|run|mvnw|Makefile.*)");

    /** Written in two halves, or this file would be its own first finding. */
    private static final Pattern LEFT_FOR_LATER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    private static final Pattern CLASS_IN_STRING = Pattern.compile("\"(io\\.monitoringhub(?:\\.[a-z]\\w*)+\\.[A-Z]\\w*)\"");

    /** Digits and letters of the operator's language, where a locale is left out: %d makes Arabic digits of a file's name, and a Turkish I is none. */
    private static final Pattern LOCALE_OF_THE_MACHINE = Pattern.compile(
            "(String\\.format|printf)\\((?!\\s*Locale\\.)|\\.formatted\\(|\\.to(Lower|Upper)Case\\(\\)");

    @Test
    void nothingIsWrittenInTheDigitsOfTheOperatorsLanguage() {
        List<String> found = REACTOR.mainSources().stream().flatMap(file -> LOCALE_OF_THE_MACHINE.matcher(Reactor.read(file)).results()
                .map(each -> REACTOR.name(file) + ": " + each.group())).toList();
        assertThat(found).as("formats without a locale: say Locale.ROOT").isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsFor() {
        Set<Path> folders = new TreeSet<>();
        REACTOR.mainSources().stream().filter(file -> !file.endsWith("module-info.java")).forEach(file -> folders.add(file.getParent()));
        List<String> silent = folders.stream().filter(folder -> !isDescribed(folder.resolve("package-info.java"))).map(REACTOR::name).toList();
        assertThat(silent).as("packages without a package-info.java that starts with a sentence of Javadoc").isEmpty();
    }

    private static boolean isDescribed(Path info) {
        return Files.exists(info) && Pattern.compile("(?s)/\\*\\*[\\s*]*\\w.{10,}?\\*/.*package ").matcher(Reactor.read(info)).find();
    }

    @Test
    void noPackageIsInTwoModules() {
        Map<String, Set<String>> owners = new TreeMap<>();
        for (Reactor.Module module : REACTOR.javaModules()) {
            REACTOR.mainSources().stream().filter(file -> file.startsWith(module.folder())).forEach(file -> owners
                    .computeIfAbsent(module.mainFolder().relativize(file.getParent()).toString(), name -> new TreeSet<>()).add(module.name()));
        }
        owners.values().removeIf(modules -> modules.size() == 1);
        assertThat(owners).as("packages that two bundles would have to share").isEmpty();
    }

    @Test
    void everyPomIsInTheReactor() {
        Set<String> poms = new TreeSet<>();
        REACTOR.files(name -> name.endsWith("/pom.xml") && !name.contains("/src/")).forEach(pom -> poms.add(REACTOR.name(pom.getParent())));
        poms.removeAll(OUTSIDE_THE_REACTOR.keySet());
        assertThat(REACTOR.modules()).as("<modules> of pom.xml").extracting(Reactor.Module::name).containsExactlyInAnyOrderElementsOf(poms);
    }

    @Test
    void everyModuleIsBuiltBeforeItIsChecked() {
        Element pom = Xml.read(REACTOR.root().resolve("hub-core/hub-checks/pom.xml"));
        List<String> dependencies = Xml.all(pom, "dependency").stream().map(each -> Xml.text(each, "artifactId").orElseThrow()).toList();
        assertThat(dependencies).as("<dependencies> of hub-core/hub-checks/pom.xml")
                .containsAll(REACTOR.javaModules().stream().map(Reactor.Module::artifactId).toList());
    }

    @Test
    void versionsAreInTheParentPomOnly() {
        List<String> found = new ArrayList<>();
        for (Reactor.Module module : REACTOR.modules()) {
            for (Element version : Xml.all(Xml.read(module.folder().resolve("pom.xml")), "version")) {
                Node of = version.getParentNode();
                String text = version.getTextContent().strip();
                // A property is fine: it has its value from the parent.
                if (Set.of("dependency", "plugin", "extension", "project").contains(of.getNodeName()) && !text.matches("\\$\\{[\\w.]+\\}")) {
                    found.add(module + "/pom.xml: " + of.getNodeName() + " " + Xml.text((Element) of, "artifactId").orElse("") + " " + text);
                }
            }
            Xml.all(Xml.read(module.folder().resolve("pom.xml")), "properties").forEach(each -> Xml.all(each, "*").stream()
                    .filter(property -> property.getNodeName().endsWith(".version"))
                    .forEach(property -> found.add(module + "/pom.xml: property " + property.getNodeName())));
        }
        assertThat(found).as("versions that belong into the root pom").isEmpty();
    }

    @Test
    void everyModuleHasTheParentsVersion() {
        for (Reactor.Module module : REACTOR.modules()) {
            Element parent = Xml.all(Xml.read(module.folder().resolve("pom.xml")), "parent").get(0);
            assertThat(Xml.text(parent, "version")).as("version of the parent in %s/pom.xml", module).hasValue(REACTOR.version());
        }
    }

    @Test
    void noSourceIsTooLong() {
        Map<String, Integer> tooLong = new TreeMap<>();
        for (Path file : REACTOR.mainSources()) {
            int lines = (int) Reactor.read(file).lines().count();
            if (lines > MAX_LINES && !MAY_BE_LONGER.containsKey(REACTOR.name(file))) {
                tooLong.put(REACTOR.name(file), lines);
            }
        }
        assertThat(tooLong).as("sources of more than %d lines: such a class has more than one job", MAX_LINES).isEmpty();
    }

    @Test
    void nothingIsLeftForLater() {
        List<String> found = new ArrayList<>();
        for (Path file : REACTOR.files(name -> SOURCE.matcher(name).matches())) {
            List<String> lines = Reactor.read(file).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (LEFT_FOR_LATER.matcher(lines.get(i)).find()) {
                    found.add(REACTOR.name(file) + ":" + (i + 1) + " " + lines.get(i).strip());
                }
            }
        }
        assertThat(found).isEmpty();
    }

    /** The compiler sees names in imports; those that are loaded by name only show when it is too late. */
    @Test
    void classesThatAreNamedInStringsExist() {
        Set<String> existing = classes();
        List<String> missing = new ArrayList<>();
        for (Path file : REACTOR.mainSources()) {
            List<String> lines = Reactor.read(file).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                int line = i + 1;
                CLASS_IN_STRING.matcher(lines.get(i)).results().filter(each -> !existing.contains(each.group(1)))
                        .forEach(each -> missing.add(REACTOR.name(file) + ":" + line + " " + each.group(1)));
            }
        }
        assertThat(missing).as("names of classes that there are not").isEmpty();
    }

    /** {@code hub check} archives what is in the list; a class that is no more makes each start slower without a word. */
    @Test
    void ourClassesThatAStartNeedsExist() {
        Set<String> existing = classes();
        Path list = REACTOR.root().resolve("distribution/src/main/lib/start-classes.txt");
        assertThat(Reactor.read(list).lines().filter(name -> name.startsWith("io.monitoringhub.")).map(name -> name.replaceAll("\\$.*", "")))
                .as("write the list again: benchmarks/start --classes").hasSizeGreaterThan(100).allMatch(existing::contains);
    }

    private static Set<String> classes() {
        Set<String> existing = new TreeSet<>();
        for (Reactor.Module module : REACTOR.javaModules()) {
            REACTOR.mainSources().stream().filter(file -> file.startsWith(module.folder())).forEach(file -> existing.add(
                    module.mainFolder().relativize(file).toString().replaceAll("[/\\\\]", ".").replaceAll("\\.java$", "")));
        }
        return existing;
    }

    @Test
    void relativeLinksLeadSomewhere() {
        List<String> dead = new ArrayList<>();
        for (Path file : REACTOR.files(name -> name.endsWith(".md"))) {
            for (Markdown.Link link : Markdown.read(REACTOR, file).links()) {
                if (!leadsSomewhere(file, link.target())) {
                    dead.add(REACTOR.name(file) + ":" + link.line() + " " + link.target());
                }
            }
        }
        assertThat(dead).as("dead links").isEmpty();
    }

    private static boolean leadsSomewhere(Path from, String target) {
        if (target.matches("[a-z][a-z0-9+.-]*:.*")) {
            return isAddress(target);
        }
        String[] parts = target.split("#", 2);
        Path to = parts[0].isEmpty() ? from : from.resolveSibling(URLDecoder.decode(parts[0].replace("+", "%2B"),
                StandardCharsets.UTF_8)).normalize();
        if (!to.startsWith(REACTOR.root()) || !Files.exists(to)) {
            return false;
        }
        return parts.length == 1 || !to.toString().endsWith(".md") || Markdown.read(REACTOR, to).hasAnchor(parts[1]);
    }

    private static boolean isAddress(String target) {
        try {
            return URI.create(target).isAbsolute();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
