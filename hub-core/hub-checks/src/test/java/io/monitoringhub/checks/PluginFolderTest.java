package io.monitoringhub.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Every plugin comes with the same README and a sample configuration, and both say what the code says. */
class PluginFolderTest {

    private static final Reactor REACTOR = Reactor.current();

    private static final List<String> SECTIONS = List.of("What it does and does not guarantee", "Status", "Requirements and permissions",
            "Quick start", "Configuration", "How messages are mapped", "Failures: what is retried, what is rejected, what stops it",
            "Metrics beyond the standard", "Troubleshooting");

    /** Every folder, also one that is not in the reactor. */
    static Stream<Path> folders() throws IOException {
        try (Stream<Path> folders = Files.list(REACTOR.root().resolve("plugins"))) {
            return folders.filter(Files::isDirectory).filter(folder -> libraries().noneMatch(library -> library.folder().equals(folder)))
                    .sorted().toList().stream();
        }
    }

    /** All but codecs: they have nothing to configure. */
    static Stream<Reactor.Module> plugins() {
        return REACTOR.plugins().stream().filter(plugin -> !plugin.artifactId().startsWith("codec-"));
    }

    static Stream<Reactor.Module> libraries() {
        return REACTOR.modules().stream().filter(Reactor.Module::isPluginLibrary);
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void aLibraryOfPluginsIsEmbeddedAndNotShipped(Reactor.Module library) {
        assertThat(Reactor.read(REACTOR.root().resolve("distribution/pom.xml"))).as("distribution/pom.xml")
                .doesNotContain("<artifactId>" + library.artifactId() + "</artifactId>");
        assertThat(readme(library.folder()).headings(1)).as("titles (#) of its README").hasSize(1);
        assertThat(library.folder().resolve("target/classes/OSGI-INF")).as("components of a library").doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theReadmeHasTheSectionsThatAllHave(Path folder) {
        Markdown readme = readme(folder);
        assertThat(readme.headings(2)).as("sections (##) of %s; more goes below ###", readme).containsExactlyElementsOf(SECTIONS);
        assertThat(readme.headings(1)).as("titles (#) of %s", readme).hasSize(1);
        assertThat(readme.text()).as("%s: a title and one sentence", readme).containsPattern(
                "\\A# [^\\n]+\\n\\n[A-Z][^\\n]+[.](\\n[^\\n#]+)*\\n\\n## ");
        SECTIONS.forEach(each -> assertThat(readme.rawSection(each)).as("section '%s' of %s", each, readme).isNotBlank());
        assertThat(readme.section("Status")).as("Status in %s", readme).matches("(?s)\\s*(Experimental|Stable)\\b.*");
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void theReadmeShowsTheSampleVerbatim(Reactor.Module plugin) {
        Markdown readme = readme(plugin.folder());
        assertThat(readme.blocks("yaml")).as("yaml blocks of %s; one is %s, to the letter", readme, REACTOR.name(sampleFile(plugin)))
                .contains(sample(plugin));
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void theSampleConfiguresThePlugin(Reactor.Module plugin) {
        String kind = plugin.artifactId().replaceFirst("-.*", "");
        String type = plugin.artifactId().replaceFirst("^[^-]*-", "");
        assertThat(instances(sample(plugin), kind)).as("instances of type %s below %s in %s", type, plural(kind), REACTOR.name(sampleFile(plugin)))
                .isNotEmpty().anySatisfy((name, values) -> assertThat(values.getOrDefault("type", name)).isEqualTo(type));
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void everyKeyIsInTheReadmesTableAndTheTableHasNoOther(Reactor.Module plugin) {
        List<List<String>> rows = readme(plugin.folder()).rows("Configuration");
        assertThat(rows).as("the table of keys of %s", plugin).isNotEmpty();
        assertThat(rows.get(0)).as("its head").containsExactly("key", "type", "default", "meaning");
        List<String> wanted = new ArrayList<>();
        for (Bundle.Attribute attribute : attributes(plugin)) {
            wanted.add("`" + attribute.key() + "`" + attribute.standard().filter(each -> !each.isBlank()).map(each -> " `" + each + "`").orElse(""));
        }
        List<String> found = rows.stream().skip(1).map(row -> row.get(0) + (row.get(2).startsWith("`") ? " " + row.get(2) : "")).toList();
        assertThat(found).as("keys and defaults in the table of %s, in any order", plugin).containsExactlyInAnyOrderElementsOf(wanted);
        assertThat(rows).as("rows of the table of %s", plugin).allMatch(row -> row.stream().noneMatch(String::isBlank), "have no empty cell");
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void theReadmesTableHasTheRangesAndOptionsThatThePluginChecks(Reactor.Module plugin) {
        List<List<String>> rows = readme(plugin.folder()).rows("Configuration");
        List<String> missing = new ArrayList<>();
        for (Bundle.Attribute attribute : attributes(plugin)) {
            String type = rows.stream().filter(row -> row.get(0).equals("`" + attribute.key() + "`")).map(row -> row.get(1)).findFirst().orElse("");
            attribute.words().stream().filter(words -> !type.contains(words)).forEach(words -> missing.add(attribute + ": " + words));
        }
        assertThat(missing).as("what the column 'type' of %s does not say", plugin).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void everyKeyIsInTheSample(Reactor.Module plugin) {
        String sample = sample(plugin);
        List<String> missing = new ArrayList<>();
        String live = sample;
        for (Bundle.Attribute attribute : attributes(plugin)) {
            String value = attribute.standard().filter(each -> !each.isBlank())
                    .map(each -> "[\"']?" + Pattern.quote(each) + "[\"']?").orElse("\\S.*");
            Pattern commented = Pattern.compile("(?m)^( +)# ?(" + Pattern.quote(attribute.key()) + ": *" + value + ")( +#.*)?$");
            boolean isOptional = attribute.standard().isPresent() || !attribute.isRequired();
            boolean isThere = commented.matcher(sample).find()
                    || Pattern.compile("(?m)^ +" + Pattern.quote(attribute.key()) + ": *\\S").matcher(sample).find();
            if (!isThere) {
                missing.add((isOptional ? "# " : "") + attribute.key() + ": " + attribute.standard().orElse("<value>"));
            }
            live = commented.matcher(live).replaceAll("$1$2");
        }
        assertThat(missing).as("lines that are not in %s: an optional key is commented out with its default, a required one is live",
                REACTOR.name(sampleFile(plugin))).isEmpty();
        String kind = plugin.artifactId().replaceFirst("-.*", "");
        assertThat(instances(live, kind)).as("%s with all keys live is YAML", REACTOR.name(sampleFile(plugin))).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void theSampleHasNoKeyThatThePluginDoesNotKnow(Reactor.Module plugin) {
        List<String> known = new ArrayList<>(List.of("type"));
        attributes(plugin).forEach(each -> known.add(each.key()));
        instances(sample(plugin), plugin.artifactId().replaceFirst("-.*", "")).forEach((name, values) ->
                assertThat(known).as("keys of %s", plugin).containsAll(values.keySet()));
    }

    /** Until a plugin is there its secrets are known by their names; another name would fail its first instance. */
    @ParameterizedTest
    @MethodSource("plugins")
    void secretsHaveNamesThatAreKnownAsSuchBeforeThePluginIs(Reactor.Module plugin) {
        assertThat(attributes(plugin)).allSatisfy(each -> assertThat(each.isSecret())
                .as("'%s': secret if, and only if, it is named so; see docs/configuration.md", each.key())
                .isEqualTo(each.key().matches("(.*_)?(password|secret|token|(secret|api|private)_key)")));
    }

    private static List<Bundle.Attribute> attributes(Reactor.Module plugin) {
        return Bundle.of(plugin, REACTOR.version()).attributes();
    }

    private static Markdown readme(Path folder) {
        Path file = folder.resolve("README.md");
        assertThat(file).as("the README of %s", REACTOR.name(folder)).exists();
        return Markdown.read(REACTOR, file);
    }

    private static Path sampleFile(Reactor.Module plugin) {
        return plugin.folder().resolve("src/main/samples").resolve(plugin.artifactId() + ".yaml");
    }

    private static String sample(Reactor.Module plugin) {
        assertThat(sampleFile(plugin)).as("the sample configuration of %s", plugin).exists();
        return Reactor.read(sampleFile(plugin));
    }

    private static String plural(String kind) {
        return kind + "s";
    }

    /** What stands below {@code backends}, {@code transports} and so on, by instance; an instance without keys has an empty map. */
    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> instances(String yaml, String kind) {
        Map<String, Object> tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
        Map<String, Map<String, Object>> instances = (Map<String, Map<String, Object>>) tree.getOrDefault(plural(kind), Map.of());
        instances.replaceAll((name, values) -> values == null ? Map.of() : values);
        return instances;
    }
}
