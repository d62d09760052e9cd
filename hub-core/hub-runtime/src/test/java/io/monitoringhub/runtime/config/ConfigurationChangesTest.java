package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationChangesTest {

    private static final String BEFORE = """
            backends:
              a: { type: filesystem, path: x, pin: "1111" }
              b: { type: filesystem, path: y }
            routes: [ { source: "*", to: [a, b] } ]
            """;

    @TempDir
    private Path folder;

    @Test
    void oneLineSaysWhatIsTouchedAndWhatWaits() throws Exception {
        ConfigurationChanges changes = changes(BEFORE, """
                name: other
                backends:
                  a: { type: filesystem, path: x, pin: "2222", flush_ms: 5 }
                  c: { type: later, password: "hidden" }
                routes: [ { source: "*", to: [a] } ]
                log: { retain: 1h }
                stop: { drain: 20s }
                """);
        assertThat(changes.sentence()).isEqualTo("backends.a changed (flush_ms, pin); backends.b removed; routes changed; stop.drain changed;"
                + " backends.c added; with the next start only: log.retain, name");
        assertThat(changes.lines()).contains("~ backends.a.pin: *** -> ***   (hub.yaml:3:35)", "~ backends.a.flush_ms: 250 -> 5   (hub.yaml:3:48)",
                "+ backends.c.type: later   (hub.yaml:4:8)", "+ backends.c.password: ***   (hub.yaml:4:21)", "- backends.b.path: y",
                "~ log.retain: 24h -> 1h   (hub.yaml:6:8)   (with the next start)");
        assertThat(changes.toString()).doesNotContain("1111").doesNotContain("2222").doesNotContain("hidden");
    }

    @Test
    void whatMeansTheSameIsNoChange() throws Exception {
        assertThat(changes(BEFORE, BEFORE.replace("path: x", "flush_ms: 250, path: x") + "# a remark\nlog: { retain: 24h }\n").isEmpty()).isTrue();
    }

    @Test
    void thatAPluginCameIsNoChange() throws Exception {
        ConfigurationFolder files = new ConfigurationFolder(folder, Map.of()).write("hub.yaml", BEFORE);
        Effective unknown = files.file("hub.yaml").read(PluginTypes.NONE).effective();
        assertThat(ConfigurationChanges.between(unknown, files.read().effective()).isEmpty()).isTrue();
    }

    @Test
    void whatWaitsForAStartIsNotInUse() throws Exception {
        Effective started = read(BEFORE);
        Effective inUse = read(BEFORE.replace("path: x", "path: z") + "log: { retain: 1h }\n").asStartedWith(started);
        assertThat(inUse.values().get("log.retain")).hasToString("24h");
        assertThat(inUse.values().get("backends.a.path")).hasToString("z");
    }

    private ConfigurationChanges changes(String before, String after) throws Exception {
        return ConfigurationChanges.between(read(before), read(after));
    }

    private Effective read(String text) throws Exception {
        return new ConfigurationFolder(folder, Map.of()).write("hub.yaml", text).read().effective();
    }
}
