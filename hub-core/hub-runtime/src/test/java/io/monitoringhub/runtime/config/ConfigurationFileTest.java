package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.monitoringhub.delivery.LaneSettings;
import io.monitoringhub.delivery.deadletters.DeadLetterSettings;
import io.monitoringhub.delivery.routing.RouteMatch;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFileTest {

    @TempDir
    private Path folder;
    private Path home;
    private Path data;

    @BeforeEach
    void folders() {
        home = folder.resolve("home");
        data = folder.resolve("data");
    }

    @Test
    void understandsTheExampleOfTheDesign() throws Exception {
        HubConfiguration hub = read(Map.of("PGPASSWORD", "s3cret"), """
                transports:
                  tcp:  { port: 17000 }
                  unix: { path: run/hub.sock }
                backends:
                  archive:   { type: filesystem, path: data/events, rotate: daily }
                  timescale: { type: postgresql, url: "jdbc:postgresql://localhost:5432/monitoring", user: hub, password: "${env:PGPASSWORD}" }
                routes:
                  - { source: config-service, to: [archive] }
                  - { source: queue-service,  to: [timescale, archive], types: [metric, progress], level: warn, continue: true }
                  - { source: "*",            to: [archive] }
                log: { path: data/log, retain: 24h, max_size: 10GB, durability: sync }
                """);

        assertThat(hub.transports().get("tcp").id()).hasToString("transport:tcp/tcp");
        assertThat(hub.transports().get("tcp").properties()).containsEntry("port", 17000);
        assertThat(hub.backends().get("timescale").id().pid()).isEqualTo("hub.backend.postgresql~timescale");
        assertThat(hub.backends().get("timescale").properties())
                .containsEntry(".password", "s3cret").doesNotContainKey("password").doesNotContainKey("type")
                .containsEntry("url", "jdbc:postgresql://localhost:5432/monitoring");
        assertThat(hub.backends().get("timescale").toString()).doesNotContain("s3cret");
        assertThat(hub.routes()).extracting(RouteRule::match).containsExactly(
                new RouteMatch("config-service", Set.of(), Optional.empty(), List.of()),
                new RouteMatch("queue-service", Set.of(MessageType.METRIC, MessageType.PROGRESS), Optional.of(Level.WARN), List.of()),
                new RouteMatch("*", Set.of(), Optional.empty(), List.of()));
        assertThat(hub.routes()).extracting(RouteRule::to).containsExactly(List.of("archive"), List.of("timescale", "archive"), List.of("archive"));
        assertThat(hub.routes()).extracting(RouteRule::continues).containsExactly(false, true, false);
        assertThat(hub.log().folder()).isEqualTo(data.resolve("log"));
        assertThat(hub.log().retain()).isEqualTo(Duration.ofHours(24));
        assertThat(hub.log().maxBytes()).isEqualTo(10L << 30);
        assertThat(hub.log().durability()).isEqualTo(LogSettings.Durability.SYNC);
    }

    @Test
    void yamlAndJsonSayTheSame() throws Exception {
        HubConfiguration yaml = read(Map.of(), "backends: { a: { type: filesystem, hosts: [x, y] } }\nroutes: [ { source: s, to: [a] } ]\n");
        HubConfiguration json = readFile("hub.json", Map.of(),
                "{\"backends\":{\"a\":{\"type\":\"filesystem\",\"hosts\":[\"x\",\"y\"]}},\"routes\":[{\"source\":\"s\",\"to\":[\"a\"]}]}");
        assertThat(json.routes()).isEqualTo(yaml.routes());
        assertThat((String[]) json.backends().get("a").properties().get("hosts")).containsExactly("x", "y");
        assertThat((String[]) yaml.backends().get("a").properties().get("hosts")).containsExactly("x", "y");
    }

    @Test
    void anEmptyFileGivesTcpAndAnArchive() throws Exception {
        HubConfiguration hub = read(Map.of(), "# nothing\nname: quiet\n");
        assertThat(hub.name()).isEqualTo("quiet");
        assertThat(hub.transports()).containsOnlyKeys("tcp");
        assertThat(hub.backends().get("archive").properties()).containsEntry("path", data.resolve("events").toString());
        assertThat(hub.routes()).containsExactly(RouteRule.to("*", "archive"));
    }

    @Test
    void environmentComesBeforeFile() throws Exception {
        HubConfiguration hub = read(Map.of("HUB_TRANSPORTS_TCP_PORT", "17100", "HUB_BACKENDS_COLD_STORE_ROTATE_BYTES", "5",
                "HUB_LOG_MAX_SIZE", "2GB", "HUB_NAME", "edge", "HUB_HOME", "/x", "HUB_NONSENSE", "1"), """
                transports: { tcp: { port: 17000 } }
                backends: { cold-store: { type: filesystem } }
                """);
        assertThat(hub.transports().get("tcp").properties()).containsEntry("port", "17100");
        assertThat(hub.backends().get("cold-store").properties()).containsEntry("rotate_bytes", "5");
        assertThat(hub.log().maxBytes()).isEqualTo(2L << 30);
        assertThat(hub.name()).isEqualTo("edge");
        assertThat(hub.warnings()).singleElement().asString().contains("HUB_NONSENSE");
    }

    @Test
    void resolvesEnvironmentFilesAndFoldersOnly() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "hidden\n");
        HubConfiguration hub = read(Map.of("A", "value"), """
                backends:
                  a: { type: filesystem, one: "${env:A}", two: "${env:NOT_SET:-standard}", three: "${file:%s}", four: "${hub.data}/x" }
                """.formatted(secret));
        assertThat(hub.backends().get("a").properties()).containsEntry("one", "value").containsEntry("two", "standard")
                .containsEntry("three", "hidden").containsEntry("four", data + "/x");
    }

    @Test
    void dangerousLookUpsAreOff() {
        assertThat(problems("""
                backends:
                  a: { type: filesystem, a: "${script:javascript:1+1}", b: "${url:UTF-8:http://127.0.0.1/}", c: "${dns:address|localhost}",
                       d: "${sys:user.home}", e: "${env:NOT_SET}" }
                """)).hasSize(5).allMatch(problem -> problem.startsWith("backends.a.")).anyMatch(problem -> problem.contains("not set"));
    }

    @Test
    void namesEveryProblemAtOnce() {
        assertThat(problems("""
                backend: { a: 1 }
                backends:
                  archive: { path: x }
                  Cold: { type: filesystem }
                routes:
                  - { source: "*", to: [archiv] }
                  - { to: [archive], types: [metrics] }
                  - { source: "*", to: [archive], types: [metrics], level: loud, continue: maybe, form: x }
                log: { durability: always, retain: soon, max_size: 10 parsecs, pathh: x }
                """)).hasSize(13)
                .anyMatch(problem -> problem.equals("backend: there is no such key. Did you mean 'backends'?"))
                .anyMatch(problem -> problem.startsWith("backends.archive.type: expected the type"))
                .anyMatch(problem -> problem.startsWith("backends.Cold: 'Cold' is no instance name"))
                .anyMatch(problem -> problem.startsWith("routes[0].to: there is no backend 'archiv'"))
                .anyMatch(problem -> problem.startsWith("routes[1].source: expected"))
                .anyMatch(problem -> problem.startsWith("routes[2].types: expected") && problem.contains("'metrics'"))
                .anyMatch(problem -> problem.startsWith("routes[2].level: expected"))
                .anyMatch(problem -> problem.startsWith("routes[2].continue: expected true or false"))
                .anyMatch(problem -> problem.startsWith("routes[2].form: there is no such key"))
                .anyMatch(problem -> problem.startsWith("log.durability: expected one of sync, os"))
                .anyMatch(problem -> problem.startsWith("log.retain: expected a duration"))
                .anyMatch(problem -> problem.equals("log.pathh: there is no such key. Did you mean 'path'?"));
    }

    @Test
    void aFailoverRouteMakesOneLaneOfItsBackends() throws Exception {
        String text = """
                backends:
                  primary: { type: http, delivery: { retry: { base: 1s, max: 1m, budget: 5% }, breaker_after: 3, max_in_flight: 16MB,
                             batch: { max_entries: 500, max_bytes: 1MB, linger: 20ms, flush_after: 2s } } }
                  standby: { type: filesystem }
                  audit: { type: filesystem }
                routes:
                  - { source: "a*", to: [audit], continue: true }
                  - { source: "*", to: [primary, standby], mode: failover }
                failover: { hold_down: 5m }
                """;
        HubConfiguration hub = read(Map.of(), text);

        assertThat(hub.routes()).extracting(RouteRule::to).containsExactly(List.of("audit"), List.of("primary+standby"));
        assertThat(hub.backends().get("primary").properties()).as("what the plugin gets").isEmpty();
        assertThat(hub.lanes()).extracting(LaneConfiguration::name).containsExactly("primary+standby", "audit");
        LaneConfiguration group = hub.lanes().get(0);
        assertThat(group.holdDown()).isEqualTo(Duration.ofMinutes(5));
        assertThat(group.missingAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(group.members()).extracting(member -> member.id().toString())
                .containsExactly("backend:http/primary", "backend:filesystem/standby");
        assertThat(group.members().get(0).retry()).isEqualTo(new LaneSettings.Retry(Duration.ofSeconds(1), Duration.ofMinutes(1), 3, 100, 5));
        assertThat(group.members().get(0).batching()).isEqualTo(new LaneSettings.Batching(16 << 20, 500, 1 << 20,
                Optional.of(Duration.ofMillis(20)), Optional.of(Duration.ofSeconds(2))));
        assertThat(group.start()).as("that of the first").isEqualTo(StartPosition.LATEST);
        assertThat(group.members().get(1).retry()).isEqualTo(LaneSettings.Retry.DEFAULT);
        assertThat(group.members().get(1).batching()).isEqualTo(LaneSettings.Batching.DEFAULT);

        LaneConfiguration turned = read(Map.of(), text.replace("[primary, standby]", "[standby, primary]")
                .replace("standby: { type: filesystem }", "standby: { type: filesystem, start: earliest }")).lanes().get(0);
        assertThat(turned.name()).as("another order keeps the position").isEqualTo("primary+standby");
        assertThat(turned.continues(group)).isTrue();
        assertThat(turned.differs(group)).isTrue();
        assertThat(turned.start()).isEqualTo(StartPosition.EARLIEST);
        LaneConfiguration restarted = read(Map.of(), text.replace("{ type: http, ", "{ type: http, start: earliest, ")).lanes().get(0);
        assertThat(restarted.start()).isEqualTo(StartPosition.EARLIEST);
        assertThat(restarted.differs(group)).as("a changed start moves nothing").isFalse();
    }

    @Test
    void aBackendBelongsToOneLane() {
        String backends = "backends: { a: { type: x }, b: { type: x }, c: { type: x } }\nroutes:\n";
        assertThat(problems(backends + """
                  - { source: x, to: [a, b], mode: failover }
                  - { source: y, to: [b] }
                """)).singleElement().asString().startsWith("routes[1].to: backend 'b' is in the failover group [a, b] in routes[0] and on its"
                + " own here; it can belong to one lane only");
        assertThat(problems(backends + """
                  - { source: x, to: [a, b], mode: failover }
                  - { source: y, to: [b, a], mode: failover }
                  - { source: z, to: [a, b], mode: failover }
                """)).hasSize(2).allMatch(problem -> problem.startsWith("routes[1].to: backend"));
        assertThat(problems(backends + """
                  - { source: x, to: [a], mode: failover }
                  - { source: y, to: [b, b], mode: failover }
                  - { source: z, to: [c], mode: any }
                """)).hasSize(3).anyMatch(problem -> problem.startsWith("routes[0].to: expected 2 to 8 different backends"))
                .anyMatch(problem -> problem.equals("routes[2].mode: expected all or failover, not 'any'"));
    }

    @Test
    void aStartThatMeansNothingInItsGroupIsNamed() throws Exception {
        String text = """
                backends:
                  primary: { type: x, start: FIRST }
                  standby: { type: x, start: earliest }
                  third: { type: x }
                routes: [ { source: "*", to: [primary, standby, third], mode: failover } ]
                """;
        assertThat(problems(text.replace("FIRST", "latest"))).containsExactly("backends.standby.start: a failover group begins where its first"
                + " backend says, 'primary' (latest); remove this one, or set backends.primary.start");
        assertThat(problems(text.replace(", start: FIRST", ""))).hasSize(1);
        assertThat(read(Map.of(), text.replace("FIRST", "earliest")).lanes().get(0).start()).isEqualTo(StartPosition.EARLIEST);
    }

    @Test
    void deliverySettingsAreTheHubsAndAreChecked() {
        assertThat(problems("""
                backends:
                  a: { type: x, delivery: { retry: { base: 1m, max: 1s, min: 1s, budget: 0.2 }, breaker_after: 0, max_inflight: 1MB, max_in_flight: 1KB,
                       batch: { max_entries: many, max_bytes: 2GB, linger: soon, flush_after: 0s } } }
                  b: { type: x, delivery: fast }
                failover: { holddown: 1s, hold_down: 0s }
                """)).hasSize(13)
                .anyMatch(problem -> problem.equals("backends.a.delivery.retry.budget: expected 0% to 100%, not '0.2'"))
                .anyMatch(problem -> problem.equals("backends.a.delivery.max_inflight: there is no such key. Did you mean 'max_in_flight'?"))
                .anyMatch(problem -> problem.equals("backends.a.delivery.max_in_flight: expected a size such as 512MB or 10GB from 64KB to 1GB, not '1KB'"))
                .anyMatch(problem -> problem.startsWith("backends.a.delivery.retry.max: expected more than 0 and at least retry.base, 60000ms"))
                .anyMatch(problem -> problem.equals("backends.a.delivery.breaker_after: expected a number from 1 to 99999999, not '0'"))
                .anyMatch(problem -> problem.startsWith("backends.b.delivery: expected settings, as in"))
                .anyMatch(problem -> problem.startsWith("failover.hold_down: expected a duration such as 500ms, 10s, 5m, 24h or 7d of at least 1ms"))
                .anyMatch(problem -> problem.equals("failover.holddown: there is no such key. Did you mean 'hold_down'?"));
    }

    @Test
    void aFileThatIsNoYamlIsNamedWithLineAndColumn() {
        assertThat(problems("log: [\n")).singleElement().asString().startsWith("hub.yaml:2:1: this is no YAML: expected");
    }

    @Test
    void aMissingFileSaysWhatToDo() {
        ConfigurationFile file = new ConfigurationFile(new HubFolders(home, data, folder.resolve("none.yaml")), Map.of());
        ConfigurationException refused = catchThrowableOfType(ConfigurationException.class, file::read);
        assertThat(refused.getMessage()).contains("none.yaml").contains("HUB_CONF");
    }

    @Test
    void whereABackendBeginsIsTheHubsMatterAndNotThePlugins() throws Exception {
        HubConfiguration hub = read(Map.of("HUB_DEAD_LETTERS_MAX_SIZE", "64MB"), """
                backends:
                  usual:   { type: filesystem, path: a }
                  all:     { type: filesystem, path: b, start: earliest }
                  plain:   { type: filesystem, path: c, start: 2026-11-22T12:00:00Z }
                  quoted:  { type: filesystem, path: d, start: "2026-11-22T13:00:00+01:00" }
                  ago:     { type: filesystem, path: e, start: -2h }
                dead_letters: { on_full: drop_oldest }
                """);
        Instant noon = Instant.parse("2026-11-22T12:00:00Z");
        Clock clock = Clock.fixed(noon, ZoneOffset.UTC);
        assertThat(hub.backends().get("usual").start().at(clock)).isEqualTo(LaneSettings.Start.NEXT);
        assertThat(hub.backends().get("all").start().at(clock)).isEqualTo(LaneSettings.Start.OLDEST);
        assertThat(hub.backends().get("plain").start().at(clock)).isEqualTo(LaneSettings.Start.at(noon));
        assertThat(hub.backends().get("quoted").start().at(clock)).isEqualTo(LaneSettings.Start.at(noon));
        assertThat(hub.backends().get("ago").start().at(clock)).isEqualTo(LaneSettings.Start.at(noon.minusSeconds(7_200)));
        assertThat(hub.backends().values()).noneMatch(backend -> backend.properties().containsKey("start"));
        assertThat(hub.deadLetters()).isEqualTo(new DeadLetterSettings(64L << 20, DeadLetterSettings.OnFull.DROP_OLDEST));
    }

    @Test
    void aStartOrALimitThatCannotBeUsedIsNamed() {
        assertThat(problems("""
                backends:
                  archive: { type: filesystem, path: a, start: yesterday }
                dead_letters: { max_size: 5KB, on_full: panic, keep: 1 }
                """)).hasSize(4)
                .anyMatch(problem -> problem.startsWith("backends.archive.start: expected earliest, latest or a time such as"))
                .anyMatch(problem -> problem.startsWith("dead_letters.max_size: expected a size such as 512MB or 10GB of at least 1MB"))
                .anyMatch(problem -> problem.startsWith("dead_letters.on_full: expected one of block, drop_oldest"))
                .anyMatch(problem -> problem.startsWith("dead_letters.keep: there is no such key"));
    }

    private HubConfiguration read(Map<String, String> environment, String text) throws Exception {
        return readFile("hub.yaml", environment, text);
    }

    private HubConfiguration readFile(String name, Map<String, String> environment, String text) throws Exception {
        Path file = Files.writeString(folder.resolve(name), text);
        return new ConfigurationFile(new HubFolders(home, data, file), environment).read();
    }

    private List<String> problems(String text) {
        try {
            Path file = Files.writeString(folder.resolve("hub.yaml"), text);
            ConfigurationFile configuration = new ConfigurationFile(new HubFolders(home, data, file), Map.of());
            return catchThrowableOfType(ConfigurationException.class, configuration::read).problems();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
