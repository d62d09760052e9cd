package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.monitoringhub.delivery.LaneSettings;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteReaderTest {

    private static final String BACKENDS = "backends: { archive: { type: filesystem, path: events, delivery: { retry: { base: 1s } } },"
            + " standby: { type: filesystem, path: standby } }\nroutes:\n";

    @TempDir
    private Path folder;

    @Test
    void conditionsOnFieldsAreReadInEveryForm() throws Exception {
        HubConfiguration hub = read("""
                  - source: "*"
                    where:
                      data.level: [error, fatal]
                      data.percent: 100
                      data.done: true
                      "data.ctx.job_id": { matches: "^nightly-\\\\d+$", not: nightly-0 }
                      tid: { exists: true, not_matches: x }
                    to: archive
                """);
        assertThat(hub.routes().get(0).match().where()).extracting(Object::toString).containsExactly("data.level = error | fatal",
                "data.percent = 100", "data.done = true", "data.ctx.job_id != nightly-0 and data.ctx.job_id ~ /^nightly-\\d+$/",
                "tid !~ /x/ and tid exists");
        assertThat(lanes(hub, "{\"tid\":\"t\",\"data\":{\"level\":\"error\",\"percent\":100.0,\"done\":true,\"ctx\":{\"job_id\":\"nightly-7\"}}}"))
                .containsExactly("archive");
        assertThat(lanes(hub, "{\"tid\":\"x\",\"data\":{\"level\":\"error\",\"percent\":100,\"done\":true,\"ctx\":{\"job_id\":\"nightly-7\"}}}"))
                .isEmpty();
    }

    @Test
    void priorityDefaultAndEnabledDecideAboutTheOrder() throws Exception {
        HubConfiguration hub = read("""
                  - { default: true, to: [archive] }
                  - { source: "s", to: [standby], enabled: false, priority: 3 }
                  - { source: "*", where: { site: north }, to: [standby], priority: -1 }
                  - { source: "*", where: { site: north, tid: x }, to: [], priority: 10 }
                """);
        assertThat(RouteTable.inOrder(hub.routes())).extracting(RouteRule::label).containsExactly("routes[3]", "routes[1]", "routes[2]", "routes[0]");
        assertThat(lanes(hub, "{}")).containsExactly("archive");
        assertThat(lanes(hub, "{\"site\":\"north\"}")).containsExactly("standby");
        assertThat(lanes(hub, "{\"site\":\"north\",\"tid\":\"x\"}")).isEmpty();
    }

    @Test
    void aRouteThatReplacesSettingsHasAnInstanceALaneAndACursorOfItsOwn() throws Exception {
        HubConfiguration hub = read("""
                  - { source: "audit-*", to: [{ backend: archive, as: audit, with: { path: audit, start: earliest,
                      delivery: { retry: { max: 5s } } } }, standby] }
                  - { source: "*", types: [span], to: [{ backend: archive, as: audit }] }
                  - { source: "*", to: [{ backend: archive }] }
                """);
        assertThat(hub.routes()).extracting(RouteRule::to)
                .containsExactly(List.of("archive-audit", "standby"), List.of("archive-audit"), List.of("archive"));
        assertThat(hub.backends()).containsOnlyKeys("archive", "standby", "archive-audit");
        assertThat(hub.backends().get("archive").properties()).containsEntry("path", "events");
        InstanceConfiguration audit = hub.backends().get("archive-audit");
        assertThat(audit.id()).hasToString("backend:filesystem/archive-audit");
        assertThat(audit.properties()).isEqualTo(Map.of("path", "audit"));
        LaneConfiguration lane = hub.lanes().stream().filter(one -> one.name().equals("archive-audit")).findFirst().orElseThrow();
        assertThat(lane.start()).isEqualTo(StartPosition.EARLIEST);
        LaneSettings.Retry retry = lane.members().get(0).retry();
        assertThat(retry.base()).as("from the backend").isEqualTo(Duration.ofSeconds(1));
        assertThat(retry.max()).as("from the route").isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aVariantCanStandInAFailoverGroup() throws Exception {
        HubConfiguration hub = read("""
                  - { source: "*", to: [standby, { backend: archive, as: second, with: { path: second } }], mode: failover }
                """);
        assertThat(hub.routes().get(0).to()).containsExactly("archive-second+standby");
        assertThat(hub.lanes()).extracting(LaneConfiguration::name).containsExactlyInAnyOrder("archive", "archive-second+standby");
    }

    @Test
    void aRuleThatIsOffKeepsItsLanes() throws Exception {
        HubConfiguration hub = read("  - { source: \"*\", to: [{ backend: archive, as: a, with: { path: a } }], enabled: false }\n");
        assertThat(hub.lanes()).extracting(LaneConfiguration::name).containsExactlyInAnyOrder("archive", "standby", "archive-a");
        assertThat(lanes(hub, "{}")).isEmpty();
    }

    @Test
    void whatIsWrongWithARuleIsNamedWithItsKey() {
        List<String> problems = problems("""
                  - { source: "*", were: { tid: x }, where: { tid: { match: x } }, priority: high, enabled: perhaps, default: 1 }
                  - { source: "*", where: { data: { level: error } } }
                  - { source: "*", where: { source: x, level: error, "ctx.job_id": 7 } }
                  - { source: "*", where: { tid: { matches: "(" }, sid: { matches: [a, b] }, pid: { exists: maybe }, "a..b": x, data.x: } }
                  - { source: "*", where: error }
                  - { source: "*", where: {} }
                """);
        assertThat(problems).anyMatch(problem -> problem.equals("routes[0].were: there is no such key. Did you mean 'where'?"))
                .anyMatch(problem -> problem.startsWith("routes[0].where.tid.match: there is no such test. Did you mean 'matches'?"))
                .anyMatch(problem -> problem.startsWith("routes[0].priority: expected -9999 to 9999; the highest is asked first"))
                .anyMatch(problem -> problem.equals("routes[0].enabled: expected true or false, not 'perhaps'"))
                .anyMatch(problem -> problem.startsWith("routes[0].default: expected true or false"))
                .anyMatch(problem -> problem.contains("written with dots: 'data.level'"))
                .anyMatch(problem -> problem.startsWith("routes[2].where.source: messages have no field 'source'. Did you mean 'src'?"))
                .anyMatch(problem -> problem.contains("Did you mean 'data.level'?"))
                .anyMatch(problem -> problem.contains("Did you mean 'data.ctx.job_id'?"))
                .anyMatch(problem -> problem.startsWith("routes[3].where.tid: '(' is no regular expression"))
                .anyMatch(problem -> problem.startsWith("routes[3].where.sid.matches: expected a regular expression"))
                .anyMatch(problem -> problem.startsWith("routes[3].where.pid.exists: expected true or false"))
                .anyMatch(problem -> problem.startsWith("routes[3].where.a..b: expected a field"))
                .anyMatch(problem -> problem.startsWith("routes[3].where.data.x.is: expected a value"))
                .anyMatch(problem -> problem.startsWith("routes[4].where: expected 1 to 32 fields"))
                .anyMatch(problem -> problem.startsWith("routes[5].where: expected 1 to 32 fields"))
                .hasSize(16);
    }

    @Test
    void whatIsWrongWithAVariantIsNamedWithItsKey() {
        List<String> problems = problems("""
                  - { source: a, to: [{ backend: archiv, as: x, with: { path: x } }] }
                  - { source: b, to: [{ backend: archive, with: { path: x } }] }
                  - { source: c, to: [{ backend: archive, as: UP, with: { path: x } }] }
                  - { source: d, to: [{ backend: archive, as: d, with: { type: http } }] }
                  - { source: e, to: [{ backend: archive, as: e, width: { path: x } }] }
                  - { source: f, to: [{ backend: archive, as: f, with: { path: f } }] }
                  - { source: g, to: [{ backend: archive, as: f, with: { path: g } }] }
                """);
        assertThat(problems).anyMatch(problem -> problem.equals("routes[0].to[0].backend: there is no backend 'archiv'. Did you mean 'archive'?"))
                .anyMatch(problem -> problem.startsWith("routes[1].to[0].as: expected a name for this variant of 'archive'"))
                .anyMatch(problem -> problem.startsWith("routes[2].to[0].as: expected a name") && problem.endsWith("not 'UP'"))
                .anyMatch(problem -> problem.startsWith("routes[3].to[0].with: expected settings of backend 'archive' to replace"))
                .anyMatch(problem -> problem.equals("routes[4].to[0].width: there is no such key. Did you mean 'with'?"))
                .anyMatch(problem -> problem.startsWith("routes[4].to[0].with: expected the settings that make 'archive-e' differ"))
                .anyMatch(problem -> problem.startsWith("routes[6].to[0].with: 'archive-f' has other settings in routes[5].to[0]"))
                .hasSize(7);
        assertThat(problems("  - { source: a, to: [{ backend: archive, as: b, with: { path: x } }, archive-b] }\n")).singleElement().asString()
                .startsWith("routes[0].to: there is no backend 'archive-b'");
    }

    @Test
    void theNameOfAVariantIsNobodyElses() {
        ConfigurationException refused = catchThrowableOfType(ConfigurationException.class, () -> readFile("""
                backends: { archive: { type: filesystem }, archive-b: { type: filesystem } }
                routes:
                  - { source: a, to: [{ backend: archive, as: b, with: { path: x } }] }
                """));
        assertThat(refused.problems()).singleElement().asString().startsWith("routes[0].to[0].as: 'b' makes the name 'archive-b', which a backend has");
    }

    private static Set<String> lanes(HubConfiguration hub, String message) throws IOException {
        return RouteTable.lanes(RouteTable.of(hub.routes()).matching("s", MessageType.EVENT, Optional.empty(),
                ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8))));
    }

    private List<String> problems(String routes) {
        return catchThrowableOfType(ConfigurationException.class, () -> read(routes)).problems();
    }

    private HubConfiguration read(String routes) throws Exception {
        return readFile(BACKENDS + routes);
    }

    private HubConfiguration readFile(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("hub.yaml"), text);
        return new ConfigurationFile(new HubFolders(folder, folder, file), Map.of()).read();
    }
}
