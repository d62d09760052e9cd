package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.runtime.config.PluginsSection.Verify;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsSectionTest {

    private static final String HUB = "transports: { tcp: { port: 1 } }\nbackends: { a: { type: filesystem } }\n";

    @TempDir
    private Path folder;

    @Test
    void nobody_looks_at_signatures_unless_told_to() throws Exception {
        PluginsSection plugins = read(Map.of(), "").hub().plugins();
        assertThat(plugins.verify()).isEqualTo(Verify.OFF);
        assertThat(plugins.keystore()).isEmpty();
        assertThat(plugins.startLimit()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void off_is_a_word_although_yaml_takes_it_for_a_truth_value() throws Exception {
        for (String off : new String[] {"off", "\"off\"", "no", "false"}) {
            LoadedConfiguration loaded = read(Map.of(), "plugins: { verify: " + off + " }\n");
            assertThat(loaded.hub().plugins().verify()).as(off).isEqualTo(Verify.OFF);
            assertThat(loaded.effective().values().get("plugins.verify").shown()).isEqualTo("off");
        }
    }

    @Test
    void a_relative_key_store_starts_in_the_data_folder() throws Exception {
        Path signers = Files.createDirectories(folder.resolve("data/signers"));
        PluginsSection plugins = read(Map.of(), "plugins: { verify: require, keystore: signers }\n").hub().plugins();
        assertThat(plugins.verify()).isEqualTo(Verify.REQUIRE);
        assertThat(plugins.keystore()).contains(signers);
    }

    @Test
    void the_environment_may_ask_for_signatures() throws Exception {
        Path signers = Files.createDirectories(folder.resolve("signers"));
        assertThat(read(Map.of("HUB_PLUGINS_VERIFY", "warn", "HUB_PLUGINS_KEYSTORE", signers.toString(), "HUB_PLUGINS", "/elsewhere"), "").hub()
                .plugins().verify()).isEqualTo(Verify.WARN);
    }

    @Test
    void says_what_is_wrong_and_what_to_do() throws Exception {
        assertThat(problems("plugins: { verify: require }\n")).contains("plugins.verify: needs plugins.keystore");
        assertThat(problems("plugins: { verify: warn, keystore: nowhere }\n")).contains("plugins.keystore: cannot read " + folder.resolve("data/nowhere"));
        assertThat(problems("plugins: { verify: on }\n")).contains("plugins.verify: expected one of off, warn, require");
        assertThat(problems("plugins: { start_limit: 1ms }\n")).contains("plugins.start_limit: expected a duration");
    }

    private LoadedConfiguration read(Map<String, String> environment, String plugins) throws Exception {
        return new ConfigurationFolder(folder, environment).write("hub.yaml", HUB + plugins).read();
    }

    private String problems(String plugins) throws Exception {
        return String.join("\n", new ConfigurationFolder(folder, Map.of()).write("hub.yaml", HUB + plugins).problems());
    }
}
