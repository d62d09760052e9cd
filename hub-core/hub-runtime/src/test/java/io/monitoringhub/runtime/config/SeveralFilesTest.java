package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeveralFilesTest {

    @TempDir
    private Path folder;
    private ConfigurationFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigurationFolder(folder, Map.of());
    }

    @Test
    void sectionsAreMergedAndRoutesAppendedInTheOrderOfNames() throws Exception {
        files = new ConfigurationFolder(folder, Map.of("HUB_BACKENDS_B_PATH", "from-environment"));
        files.write("hub.yaml", "backends: { a: { type: filesystem } }\nroutes: [ { source: one, to: [a] } ]\n")
                .write("conf.d/20-last.yaml", "routes: [ { source: four, to: [b] } ]\n")
                .write("conf.d/10-b.json", "{\"backends\":{\"b\":{\"type\":\"filesystem\",\"path\":\"x\"}},"
                        + "\"routes\":[{\"source\":\"two\",\"to\":[\"b\"]},{\"source\":\"three\",\"to\":[\"a\"]}]}")
                .write("conf.d/.draft.yaml", "nonsense: 1\n").write("conf.d/readme.txt", "nonsense").write("conf.d/30-x.yml", "nonsense: 1\n");

        LoadedConfiguration loaded = files.read();

        assertThat(loaded.hub().backends()).containsOnlyKeys("a", "b");
        assertThat(loaded.hub().routes()).extracting(rule -> rule.match().source()).containsExactly("one", "two", "three", "four");
        assertThat(loaded.hub().backends().get("b").properties()).as("the environment is above all files").containsEntry("path", "from-environment");
        assertThat(loaded.effective().values().get("backends.b.type").place()).hasToString("conf.d/10-b.json:1:19");
        assertThat(loaded.effective().values().get("backends.b.path").place()).hasToString("environment variable HUB_BACKENDS_B_PATH");
        assertThat(loaded.effective().values().get("routes[3].source").place()).hasToString("conf.d/20-last.yaml:1:13");
        assertThat(loaded.hub().warnings()).containsExactly("conf.d/30-x.yml is ignored: expected a name that ends in .yaml or .json");
    }

    @Test
    void aValueThatTwoFilesSetNamesBothPlaces() throws Exception {
        files.write("hub.yaml", "backends:\n  a: { type: filesystem, path: x }\nlog: { retain: 1h }\n")
                .write("conf.d/1.yaml", "backends: { a: { path: y } }\n").write("conf.d/2.json", "{ \"log\": { \"retain\": \"2h\" } }");
        assertThat(files.problems()).containsExactly("conf.d/1.yaml:1:18: backends.a.path: is set twice, here and at hub.yaml:2:26");
        files.write("conf.d/1.yaml", "log: { max_size: 1GB }\n");
        assertThat(files.problems()).containsExactly("conf.d/2.json:1:12: log.retain: is set twice, here and at hub.yaml:3:8");
    }

    @Test
    void aKeyThatOneFileSetsTwiceNamesBothPlaces() throws Exception {
        files.write("hub.yaml", "log: { retain: 1h }\nlog: { max_size: 1GB }\n");
        assertThat(files.problems()).containsExactly("hub.yaml:2:1: log: is set twice, here and at hub.yaml:1:1");
    }

    @Test
    void aProblemInAFurtherFileIsNamedThere() throws Exception {
        files.write("hub.yaml", "routes: [ { source: \"*\" } ]\n").write("conf.d/a.yaml", "routes:\n  - { source: x, to: [nobody] }\nlogg: {}\n")
                .write("conf.d/b.json", "{\n  \"stop\": {\n    \"drian\": \"1s\" }\n}\n");
        assertThat(files.problems()).containsExactly(
                "conf.d/a.yaml:2:18: routes[1].to: there is no backend 'nobody'. Expected one of: archive",
                "conf.d/a.yaml:3:1: logg: there is no such key. Did you mean 'log'?",
                "conf.d/b.json:3:5: stop.drian: there is no such key. Did you mean 'drain'?");
        files.write("conf.d/b.json", "{ \"stop\": }");
        assertThat(files.problems()).singleElement().asString().startsWith("conf.d/b.json:1:").contains("this is no JSON");
    }

    @Test
    void yamlAndJsonOfTheSameContentAreTheSame() throws Exception {
        files.write("hub.yaml", """
                name: n
                transports: { tcp: { port: 1 } }
                backends:
                  a: { type: filesystem, path: x, gzip: true, flush_ms: 5, delivery: { retry: { max: 1m } } }
                  b: { type: other, list: [x, 2], deep: { a: 1.5 } }
                routes:
                  - { source: "x*", types: [event, metric], level: warn, to: [a], continue: true }
                  - { source: "*", to: [b] }
                log: { retain: 2h, max_size: 1GB, durability: os }
                """).write("hub.json", """
                { "name": "n", "transports": { "tcp": { "port": 1 } },
                  "backends": { "a": { "type": "filesystem", "path": "x", "gzip": true, "flush_ms": 5, "delivery": { "retry": { "max": "1m" } } },
                \t"b": { "type": "other", "list": ["x", 2], "deep": { "a": 1.5 } } },
                  "routes": [ { "source": "x*", "types": ["event", "metric"], "level": "warn", "to": ["a"], "continue": true },
                              { "source": "*", "to": ["b"] } ],
                  "log": { "retain": "2h", "max_size": "1GB", "durability": "os" } }
                """);
        LoadedConfiguration yaml = files.read();
        LoadedConfiguration json = files.read("hub.json");
        assertThat(ConfigurationChanges.between(yaml.effective(), json.effective()).lines()).isEmpty();
        assertThat(json.hub().lanes()).isEqualTo(yaml.hub().lanes());
        assertThat(json.hub().routes()).isEqualTo(yaml.hub().routes());
        assertThat(json.hub().log()).isEqualTo(yaml.hub().log());
    }

    @Test
    void whatYamlMakesOfAFileIsNeverASurprise() throws Exception {
        files.write("hub.yaml", "- a\n- b\n");
        assertThat(files.problems()).containsExactly("hub.yaml:1:1: expected keys such as 'backends:' and 'routes:' at the top");
        files.write("hub.yaml", "backends: { 17: { type: filesystem } }\n");
        assertThat(files.problems()).containsExactly("hub.yaml:1:13: YAML does not take this key for text: put quotes around it");
        files.write("hub.yaml", "name: !!javax.script.ScriptEngineManager [ x ]\n");
        assertThat(files.problems()).isNotEmpty();
        files.write("hub.yaml", "backends: { a: &x { type: filesystem, path: y }, b: { <<: *x, path: z } }\n");
        assertThat(files.read().hub().backends().get("b").properties()).containsEntry("path", "z");
        files.write("hub.yaml", "");
        assertThat(files.read().hub().backends()).containsOnlyKeys("archive");
    }
}
