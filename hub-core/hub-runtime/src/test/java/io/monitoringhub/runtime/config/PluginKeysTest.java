package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginKeysTest {

    @TempDir
    private Path folder;
    private ConfigurationFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigurationFolder(folder, Map.of("EVIL", "${file:/etc/hostname}"));
    }

    @Test
    void keysKindsAndRangesAreCheckedAgainstThePlugin() throws Exception {
        files = new ConfigurationFolder(folder, Map.of("PORT", "70000", "HUB_BACKENDS_A_FLUSH_MS", "0", "HUB_BACKENDS_C_PATH", "x"));
        files.write("hub.yaml", """
                transports:
                  in: { type: tcp, port: "${env:PORT}" }
                backends:
                  a:
                    type: filesystem
                    pahth: x
                    gzip: [true, false]
                    pin: 7
                """);
        assertThat(files.problems()).containsExactlyInAnyOrder(
                "hub.yaml:2:20: transports.in.port: expected a number from 0 to 65535, not what ${env:PORT} gives",
                "hub.yaml:6:5: backends.a.pahth: there is no such key. Did you mean 'path'?",
                "hub.yaml:7:5: backends.a.gzip: expected true or false, not a list",
                "environment variable HUB_BACKENDS_C_PATH: backends.c.type: expected the type of the backend, such as filesystem",
                "environment variable HUB_BACKENDS_A_FLUSH_MS: backends.a.flush_ms: expected a number from 1 to 60000, not '0'");
    }

    @Test
    void aTypeThatIsNotThereIsNotChecked() throws Exception {
        files.write("hub.yaml", "backends: { a: { type: missing, anything: [1, 2], flush_ms: 1 } }\n");
        assertThat(files.read().hub().backends().get("a").properties()).containsKeys("anything", "flush_ms");
    }

    @Test
    void whatThePluginCallsSecretIsAPropertyWithADot() throws Exception {
        files.write("hub.yaml", "transports: { tcp: {} }\nbackends: { b: { type: filesystem, pin: \"1234\", path: \"x://u:pw@h\" } }\n");
        LoadedConfiguration loaded = files.read();
        assertThat(loaded.hub().backends().get("b").properties()).containsEntry(".pin", "1234").doesNotContainKey("pin");
        assertThat(loaded.effective().values().get("backends.b.pin")).hasToString("***");
        assertThat(loaded.effective().values().get("backends.b.path")).hasToString("x://u:***@h");
    }

    @Test
    void aKeyWithADotIsAlsoASectionAndAVariable() throws Exception {
        files.write("hub.yaml", "transports: { a: { type: tcp, tls.key: x }, b: { type: tcp, tls: { key: y } }, c: { type: tcp } }\n");
        files = new ConfigurationFolder(folder, Map.of("HUB_TRANSPORTS_C_TLS_KEY", "z", "HUB_BACKENDS_ARCHIVE_DELIVERY_RETRY_MAX", "9s"));
        LoadedConfiguration loaded = files.read();
        assertThat(loaded.hub().transports().values()).extracting(each -> each.properties().get("tls.key")).containsExactly("x", "y", "z");
        assertThat(loaded.effective().values().get("transports.b.tls.key").place()).hasToString("hub.yaml:1:68");
        assertThat(loaded.hub().lanes().get(0).members().get(0).retry().max()).hasSeconds(9);
        files.write("hub.yaml", "transports: { b: { type: tcp, tls: { kye: y } } }\n");
        assertThat(files.problems()).contains("hub.yaml:1:38: transports.b.tls.kye: there is no such key. Did you mean 'tls.key'?");
    }

    @Test
    void whatIsBelowAnUnknownKeyIsHiddenByItsName() throws Exception {
        files.write("hub.yaml", "backends: { b: { type: later, servers: [ { host: h, password: pw1 }, { host: i, password: pw2 } ],"
                + " access_key: pw3, tokens: [pw4, pw5] } }\n");
        Map<String, Effective.Value> values = files.read().effective().values();
        assertThat(values.values()).extracting(Effective.Value::toString).noneMatch(shown -> shown.contains("pw"));
        assertThat(values.get("backends.b.servers[1].host")).hasToString("i");
        assertThat(values.get("backends.b.servers[1].password")).hasToString("***");
        assertThat(values.get("backends.b.tokens")).hasToString("[***, ***]");
    }

    @Test
    void dangerousLookUpsAreRefusedAndNothingIsLookedThroughTwice() throws Exception {
        for (String lookUp : new String[] {"script:javascript:java.lang.Runtime", "url:UTF-8:file:///etc/hostname", "dns:address|localhost",
            "sys:user.home", "java:version", "const:java.lang.Math.PI", "base64Decoder:SGk=", "xml:x:y", "properties:x::y", "resourceBundle:x:y",
            "localhost:name", "date:yyyy", "urlDecoder:x", "env:${env:EVIL}", "nothing"}) {
            files.write("hub.yaml", "backends: { b: { type: x, value: \"${" + lookUp + "}\" } }\n");
            assertThat(files.problems()).as(lookUp).singleElement().asString().startsWith("hub.yaml:1:27: backends.b.value: cannot resolve ${");
        }
        Path secret = Files.writeString(folder.resolve("secret"), "a${script:javascript:1}b\n");
        files.write("hub.yaml", "backends: { b: { type: x, one: \"${env:EVIL}\", two: \"${file:" + secret + "}\", three: \"$${env:EVIL}\" } }\n");
        assertThat(files.read().hub().backends().get("b").properties()).containsEntry("one", "${file:/etc/hostname}")
                .containsEntry("two", "a${script:javascript:1}b").containsEntry("three", "${env:EVIL}");
    }
}
