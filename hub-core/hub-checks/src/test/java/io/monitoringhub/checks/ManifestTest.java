package io.monitoringhub.checks;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

/** What the built jars promise and demand: it decides whether a plugin can be replaced without disturbing anybody. */
class ManifestTest {

    private static final Reactor REACTOR = Reactor.current();
    private static final String SPI = "io.monitoringhub.spi";
    private static final Pattern PID = Pattern.compile("hub\\.(transport|codec|backend|bridge)\\.([a-z][a-z0-9]*)");
    private static final Pattern VERSION = Pattern.compile("version=\"?([^\";]+)\"?");

    /** What each module lets others use. Whoever exports more writes it down here, and a reviewer sees it. */
    private static final Map<String, Set<String>> EXPORTS = Map.ofEntries(
            entry("protocol", Set.of("io.monitoringhub.protocol")),
            entry("hub-spi", Set.of(SPI, SPI + ".backend", SPI + ".codec", SPI + ".transport")),
            entry("hub-entries", Set.of("io.monitoringhub.entries")),
            entry("hub-log", Set.of("io.monitoringhub.log", "io.monitoringhub.log.segmented")),
            entry("hub-ingest", Set.of("io.monitoringhub.ingest", "io.monitoringhub.ingest.listening", "io.monitoringhub.ingest.access")),
            entry("hub-delivery", Set.of("io.monitoringhub.delivery", "io.monitoringhub.delivery.routing", "io.monitoringhub.delivery.deadletters")),
            entry("hub-correlation", Set.of("io.monitoringhub.correlation", "io.monitoringhub.correlation.merge", "io.monitoringhub.correlation.text")),
            entry("hub-testkit", Set.of("io.monitoringhub.testkit")),
            entry("hub-testservers", Set.of("io.monitoringhub.testservers")),
            entry("sdk-java", Set.of("io.monitoringhub.sdk", "io.monitoringhub.sdk.direct", "io.monitoringhub.sdk.jul")),
            entry("sdk-java-logback", Set.of("io.monitoringhub.sdk.logback")),
            entry("sdk-java-log4j2", Set.of("io.monitoringhub.sdk.log4j2")),
            entry("sdk-java-s3", Set.of("io.monitoringhub.sdk.s3")),
            entry("sdk-java-elasticsearch", Set.of("io.monitoringhub.sdk.elasticsearch")));

    /** Bytes of plugins with large libraries: Netty without codecs that nobody uses, Jetty, models of one or two services of AWS. */
    private static final Map<String, Integer> LARGER = Map.of("transport-tcp", 6_000_000, "transport-unix", 6_000_000, "transport-http", 6_900_000,
            "backend-s3", 9_300_000, "backend-cloudwatch", 10_000_000);

    private static final Map<String, String> MODULE_NAMES = Map.of("protocol", "io.monitoringhub.protocol", "hub-spi", SPI,
            "sdk-java", "io.monitoringhub.sdk", "sdk-java-elasticsearch", "io.monitoringhub.sdk.elasticsearch");

    static Stream<Reactor.Module> modules() {
        return REACTOR.javaModules().stream();
    }

    static Stream<Reactor.Module> plugins() {
        return REACTOR.plugins().stream();
    }

    /** A codec has nothing to configure. */
    static Stream<Reactor.Module> configuredPlugins() {
        return plugins().filter(plugin -> !plugin.artifactId().startsWith("codec-"));
    }

    static Stream<Reactor.Module> namedModules() {
        return REACTOR.modules().stream().filter(module -> MODULE_NAMES.containsKey(module.artifactId()));
    }

    private static Bundle bundle(Reactor.Module module) {
        return Bundle.of(module, REACTOR.version());
    }

    @ParameterizedTest
    @MethodSource("modules")
    void isNamedAndVersionedAsInMaven(Reactor.Module module) {
        assertThat(bundle(module).header("Bundle-SymbolicName")).hasValue("io.monitoringhub." + module.artifactId());
        assertThat(bundle(module).header("Bundle-Version")).hasValue(REACTOR.version());
    }

    @ParameterizedTest
    @MethodSource("modules")
    void exportsWhatIsWrittenDownAndNoMore(Reactor.Module module) {
        assertThat(bundle(module).clauses("Export-Package").keySet()).as("Export-Package of %s; see ManifestTest.EXPORTS", module)
                .containsExactlyInAnyOrderElementsOf(EXPORTS.getOrDefault(module.artifactId(), Set.of()));
    }

    @ParameterizedTest
    @MethodSource("modules")
    void exportsWithVersions(Reactor.Module module) {
        bundle(module).clauses("Export-Package").forEach((name, attributes) -> assertThat(version(attributes))
                .as("version of %s: put @Version on its package-info", name).hasValueSatisfying(each -> assertThat(each).isNotEqualTo("0.0.0")));
    }

    @ParameterizedTest
    @MethodSource("modules")
    void isWiredByPackagesKnownAtBuildTime(Reactor.Module module) {
        assertThat(bundle(module).header("DynamicImport-Package")).as("DynamicImport-Package: holds on to whoever comes along").isEmpty();
        assertThat(bundle(module).header("Require-Bundle")).as("Require-Bundle: ties to a bundle instead of to packages").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void aPluginImportsOnlyWhatIsAlwaysThere(Reactor.Module plugin) {
        List<String> others = new ArrayList<>();
        bundle(plugin).clauses("Import-Package").forEach((name, attributes) -> {
            boolean isOptional = attributes.contains("resolution:=optional");
            boolean isFine = name.startsWith("java.") || name.equals(SPI) || name.startsWith(SPI + ".") || name.equals("org.slf4j")
                    || name.startsWith("org.slf4j.") || name.equals("jakarta.servlet") || name.startsWith("jakarta.servlet.")
                    || isOptional && (name.equals("sun.misc") || name.equals("jdk.net") || name.startsWith("javax.") || name.equals("org.osgi.service.cm"));
            if (!isFine) {
                others.add(name + (isOptional ? "" : " (not optional)"));
            }
        });
        assertThat(others).as("imports of %s that are neither java.*, %s*, org.slf4j*, jakarta.servlet* nor optional sun.misc, jdk.net, javax.* or org.osgi.service.cm: embed the library",
                plugin, SPI).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void aPluginIsNoLargerThanItsLibrariesMakeIt(Reactor.Module plugin) throws IOException {
        assertThat(Files.size(plugin.jar(REACTOR.version()))).as("bytes of %s; see ManifestTest.LARGER", plugin)
                .isLessThan(LARGER.getOrDefault(plugin.artifactId(), 2_400_000));
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void aPluginAcceptsEverySpiOfItsMajorVersion(Reactor.Module plugin) {
        Map<String, String> imports = bundle(plugin).clauses("Import-Package");
        assertThat(imports.keySet()).as("imports").anyMatch(name -> name.equals(SPI) || name.startsWith(SPI + "."));
        imports.forEach((name, attributes) -> {
            if (name.equals(SPI) || name.startsWith(SPI + ".")) {
                assertThat(version(attributes)).as("range of %s: [1.0,1.1) means that the plugin implements a @ProviderType", name)
                        .hasValueSatisfying(range -> assertThat(range).matches("\\[1\\.\\d+,2\\)"));
            }
        });
    }

    @Test
    void theSpiDoesNotImportItself() {
        Bundle spi = bundle(REACTOR.modules().stream().filter(module -> module.artifactId().equals("hub-spi")).findFirst().orElseThrow());
        assertThat(spi.clauses("Import-Package").keySet()).as("a SPI that imports its packages can be wired to another copy of them: "
                + "@Export(substitution = NOIMPORT)").noneMatch(name -> name.startsWith(SPI));
    }

    @ParameterizedTest
    @MethodSource("namedModules")
    void isAModuleOfTheJdkToo(Reactor.Module module) {
        Optional<ModuleDescriptor> found = ModuleFinder.of(bundle(module).jar()).find(MODULE_NAMES.get(module.artifactId()))
                .map(ModuleReference::descriptor);
        assertThat(found).as("%s in %s", MODULE_NAMES.get(module.artifactId()), bundle(module).jar()).isPresent();
        assertThat(found.get().isAutomatic()).as("only named by its jar: there is no module-info.class").isFalse();
        assertThat(found.get().exports()).extracting(ModuleDescriptor.Exports::source)
                .containsExactlyInAnyOrderElementsOf(EXPORTS.get(module.artifactId()));
    }

    @ParameterizedTest
    @MethodSource("configuredPlugins")
    void aPluginIsConfiguredUnderItsOwnPid(Reactor.Module plugin) {
        List<Element> components = bundle(plugin).components().stream().filter(each -> each.getAttribute("configuration-pid").startsWith("hub."))
                .toList();
        assertThat(components).as("components of %s with a PID such as hub.backend.s3", plugin).isNotEmpty();
        for (Element component : components) {
            Matcher pid = PID.matcher(component.getAttribute("configuration-pid"));
            assertThat(pid.matches()).as("PID %s is hub.<kind>.<type>, the type without a hyphen",
                    component.getAttribute("configuration-pid")).isTrue();
            assertThat(plugin.artifactId()).as("folder of PID %s", pid.group()).isEqualTo(pid.group(1) + "-" + pid.group(2));
            assertThat(component.getAttribute("configuration-policy")).as("configuration-policy of %s", pid.group()).isEqualTo("require");
            assertThat(Xml.all(component, "property")).as("service property hub.type of %s", pid.group())
                    .anyMatch(each -> each.getAttribute("name").equals("hub.type") && each.getAttribute("value").equals(pid.group(2)));
            assertThat(bundle(plugin).metatypes().stream().flatMap(each -> Xml.all(each, "Designate").stream()))
                    .as("Metatype for %s: @Designate(ocd = ..., factory = true)", pid.group())
                    .anyMatch(each -> each.getAttribute("factoryPid").equals(pid.group()));
        }
    }

    @ParameterizedTest
    @MethodSource("configuredPlugins")
    void everyKeyOfAPluginIsDescribed(Reactor.Module plugin) {
        Bundle bundle = bundle(plugin);
        assertThat(bundle.metatypes().stream().flatMap(each -> Xml.all(each, "OCD").stream())).as("Metatype of %s", plugin).isNotEmpty()
                .allMatch(each -> !each.getAttribute("name").isBlank() && !each.getAttribute("description").isBlank(), "has name and description");
        assertThat(bundle.attributes()).as("keys without a type").filteredOn(each -> each.type().isBlank()).isEmpty();
        assertThat(bundle.attributes()).as("keys without a description").filteredOn(each -> each.description().isBlank()).isEmpty();
        assertThat(bundle.attributes()).as("keys whose default is missing or empty: a key that may be left out without one says"
                + " required = false, a key that everybody must set has none").filteredOn(each -> !each.hasFittingDefault()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("plugins")
    void aSecretIsNoServiceProperty(Reactor.Module plugin) {
        assertThat(bundle(plugin).attributes()).as("keys of %s that look like secrets: call the method _password(), so that the key starts"
                + " with a dot", plugin).noneMatch(each -> each.key().matches("(.*_)?(password|secret|token|credentials?)")
                        && !each.element().getAttribute("id").startsWith("."));
    }

    private static Optional<String> version(String attributes) {
        Matcher version = VERSION.matcher(attributes);
        return version.find() ? Optional.of(version.group(1)) : Optional.empty();
    }
}
