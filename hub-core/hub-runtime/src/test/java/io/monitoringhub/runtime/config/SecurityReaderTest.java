package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.ingest.access.AccessSettings;
import io.monitoringhub.ingest.access.TokenHash;
import io.monitoringhub.ingest.access.TokenSettings;
import io.monitoringhub.runtime.settings.RecordShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecurityReaderTest {

    private static final String SECRET = "0123456789abcdef";
    private static final String ABC_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    private Path folder;

    @Test
    void nothing_said_means_that_everybody_may_send() throws Exception {
        assertThat(read("log: { retain: 24h }\n").security().access()).isEqualTo(AccessSettings.OPEN);
    }

    @Test
    void what_the_schema_calls_the_default_is_what_holds() {
        assertThat(RecordShape.of(SecuritySection.class).read(Map.of()).maxBadLines()).isEqualTo(AccessSettings.OPEN.maxBadLines());
    }

    @Test
    void reads_tokens_limits_and_the_transports_that_need_none() throws Exception {
        HubConfiguration hub = read("""
                transports: { tcp: {}, http: {}, unix: {} }
                security:
                  tokens:
                    billing: { token: "${env:BILLING_TOKEN}", sources: ["billing-*"], rate: 20000/s }
                    jobs:    { sha256: "%s", sources: ["job-*", "cron"], transports: [http] }
                  anonymous: [unix]
                  max_bad_lines: 50
                """.formatted(ABC_SHA256));
        assertThat(hub.security().access()).isEqualTo(new AccessSettings(true, List.of(
                new TokenSettings("billing", TokenHash.of(SECRET), List.of("billing-*"), Set.of(), OptionalLong.of(20_000), false),
                new TokenSettings("jobs", TokenHash.of("abc"), List.of("job-*", "cron"), Set.of("http"), OptionalLong.empty(), false)), Set.of("unix"), 50));
        assertThat(hub.toString()).doesNotContain(SECRET).doesNotContain("ba7816");
    }

    @Test
    void an_empty_list_is_no_permission_for_everybody() {
        assertThatThrownBy(() -> read("""
                security:
                  tokens:
                    billing: { token: "%s", sources: [] }
                  anonymous: []
                """.formatted(SECRET))).hasMessageContaining("hub.yaml:3:").hasMessageContaining("security.tokens.billing.sources: is empty")
                .hasMessageContaining("security.anonymous: is empty");
    }

    @Test
    void a_token_file_adds_its_tokens_and_is_to_be_readable_by_the_hub_alone() throws Exception {
        Path file = folder.resolve("tokens.yaml");
        Files.writeString(file, "nightly: { sha256: " + ABC_SHA256 + ", rate: 5/s }\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        HubConfiguration open = read("security: { token_file: " + file + " }\n");
        assertThat(open.security().tokenFile()).contains(file);
        assertThat(open.security().access().tokens()).singleElement().satisfies(token -> {
            assertThat(token.name()).isEqualTo("nightly");
            assertThat(token.hash()).isEqualTo(TokenHash.of("abc"));
        });
        assertThat(open.warnings()).anyMatch(warning -> warning.contains("chmod 600"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(read("security: { token_file: " + file + " }\n").warnings()).isEmpty();
    }

    @Test
    void tokens_without_any_let_nobody_in_and_the_hub_says_so() throws Exception {
        HubConfiguration hub = read("security: { tokens: {} }\n");
        assertThat(hub.security().access().wantsTokens()).isTrue();
        assertThat(hub.warnings()).anyMatch(warning -> warning.contains("nobody can send"));
    }

    @Test
    void every_problem_is_named_and_no_token_is_shown() throws Exception {
        Path broken = folder.resolve("broken.yaml");
        Files.writeString(broken, "night: { token: " + SECRET + "secret\n");
        assertThatThrownBy(() -> read("""
                transports: { tcp: {} }
                security:
                  tokns: {}
                  token_file: %s
                  anonymous: [tpc]
                  max_bad_lines: few
                  tokens:
                    a: { token: short }
                    b: { sha256: abc }
                    c: { token: "%s", sha256: "%s" }
                    d: { token: "%s", rate: fast }
                    e: { token: "%s", source: x }
                """.formatted(broken, SECRET, ABC_SHA256, SECRET, SECRET))).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("security.tokns: there is no such key. Did you mean 'tokens'?")
                .hasMessageContaining("security.token_file: " + broken + " is no YAML")
                .hasMessageContaining("security.anonymous: there is no transport 'tpc'. Did you mean 'tcp'?")
                .hasMessageContaining("security.max_bad_lines: expected a number from 0")
                .hasMessageContaining("security.tokens.a.token: expected 16 to 4096 characters, not 5")
                .hasMessageContaining("security.tokens.b.sha256: expected 64 hexadecimal digits")
                .hasMessageContaining("security.tokens.c: expected either 'token' or 'sha256'")
                .hasMessageContaining("security.tokens.d.rate: expected messages a second, as in 20000/s, not 'fast'")
                .hasMessageContaining("security.tokens.e.source: there is no such key. Did you mean 'sources'?")
                .hasMessageContaining("security.tokens.e: is the same token as 'd'")
                .satisfies(bad -> assertThat(bad.getMessage()).doesNotContain(SECRET).doesNotContain("short"));
    }

    @Test
    void an_empty_list_of_sources_is_no_way_to_say_all() throws Exception {
        Path file = Files.writeString(folder.resolve("tokens.yaml"), "nightly: { sha256: " + ABC_SHA256 + ", sources: [] }\n");
        assertThatThrownBy(() -> read("security: { token_file: " + file + " }\n")).hasMessageContaining(file + ".nightly.sources: expected globs");
    }

    @Test
    void a_token_file_that_is_not_there_is_told() {
        assertThatThrownBy(() -> read("security: { token_file: nowhere.yaml }\n"))
                .hasMessageContaining("security.token_file: cannot read " + folder.resolve("data/nowhere.yaml"));
    }

    private HubConfiguration read(String yaml) throws Exception {
        Path file = folder.resolve("hub.yaml");
        Files.writeString(file, yaml);
        return new ConfigurationFile(new HubFolders(folder.resolve("home"), folder.resolve("data"), file), Map.of("BILLING_TOKEN", SECRET)).read();
    }
}
