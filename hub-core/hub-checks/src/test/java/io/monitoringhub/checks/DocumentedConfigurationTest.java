package io.monitoringhub.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.runtime.config.HubYaml;
import io.monitoringhub.runtime.settings.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * What documents show as YAML is a configuration that the hub would use, checked as {@code hub check} does it with all plugins that are
 * shipped. What an excerpt leaves out is added: backends that its routes name, transports that its tokens are for.
 */
class DocumentedConfigurationTest {

    private static final Reactor REACTOR = Reactor.current();
    private static final Pattern ENVIRONMENT = Pattern.compile("\\$\\{env:(\\w+)}");
    private static final Pattern SECRET_FILE = Pattern.compile("\\$\\{file:[^}]+}");
    /** What only the machine has for which it is written. */
    private static final Pattern FILE_OF_THE_MACHINE = Pattern.compile("(security\\.token_file|plugins\\.keystore): cannot read /etc/monitoring-hub/");
    private static final String SECRET = "a-secret-of-more-than-sixteen-characters";
    /** Pages whose YAML is read by other programs than the hub. */
    private static final Pattern OF_OTHERS = Pattern.compile("sdk/.*");

    private static Map<String, Shape.Group> plugins;

    @TempDir
    private Path folder;

    @BeforeAll
    static void askThePlugins() {
        plugins = new TreeMap<>(new ConfigurationReference(REACTOR).plugins());
    }

    static Stream<Named<String>> blocks() {
        return REACTOR.files(name -> name.endsWith(".md") && !OF_OTHERS.matcher(name).matches()).stream().map(page -> Markdown.read(REACTOR, page))
                .flatMap(page -> page.fences().stream().filter(fence -> fence.language().matches("ya?ml"))
                        .map(fence -> Named.of(page + ":" + fence.line(), fence.content())));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void whatADocumentShowsCanBeUsed(String yaml) throws Exception {
        assertThat(problems(yaml)).as("problems of%n%s", yaml).isEmpty();
    }

    @Test
    void whatIsWrongInAnExcerptIsFound() throws Exception {
        assertThat(problems("backends: { a: { type: filesystem, rotat: daily } }")).singleElement().asString().contains("backends.a.rotat", "Did you mean 'rotate'?");
        assertThat(problems("backends: { a: { type: filesystem } }\nroutes: [ { source: x, to: [b] } ]")).isNotEmpty();
        assertThat(problems("routes: [ { source: x, too: [b] } ]")).isNotEmpty();
        assertThat(problems("apiVersion: v1\nkind: ConfigMap")).as("a manifest belongs into a file that KubernetesIT reads").isNotEmpty();
    }

    private List<String> problems(String yaml) throws Exception {
        Path file = Files.writeString(folder.resolve("hub.yaml"), SECRET_FILE.matcher(yaml).replaceAll(SECRET));
        Map<String, Object> said = read(yaml);
        Map<String, Object> rest = new LinkedHashMap<>();
        if (!said.containsKey("backends")) {
            rest.put("backends", backends(said.get("routes")));
        }
        if (!said.containsKey("transports")) {
            rest.put("transports", Map.of("unix", Map.of("path", "run/in.sock"), "tcp", Map.of("port", 17000), "http", Map.of("port", 17001)));
        }
        Files.writeString(Files.createDirectories(folder.resolve("conf.d")).resolve("rest.yaml"), new Yaml().dump(rest));
        Map<String, String> environment = new HashMap<>();
        ENVIRONMENT.matcher(yaml).results().forEach(found -> environment.put(found.group(1), SECRET));
        return HubYaml.problems(file, plugins, environment).stream().filter(each -> !FILE_OF_THE_MACHINE.matcher(each).find()).toList();
    }

    private static Map<String, Object> backends(Object routes) {
        Map<String, Object> backends = new LinkedHashMap<>();
        if (routes instanceof List<?> rules) {
            rules.stream().map(rule -> ((Map<?, ?>) rule).get("to")).filter(List.class::isInstance).flatMap(to -> ((List<?>) to).stream())
                    .forEach(name -> backends.put(name.toString(), Map.of("type", "filesystem", "path", "events-" + name)));
        }
        return backends;
    }

    private static Map<String, Object> read(String yaml) {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
    }
}
