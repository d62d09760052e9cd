package io.monitoringhub.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.spi.transport.SubmissionRefusedException.Reason;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** docs/http-api.md shows what curl prints, and the OpenAPI description says which answers there are: both are compared with the real ones. */
@Timeout(180)
class HttpApiDocumentTest {

    private static final Path DOCUMENT = Path.of("../../docs/http-api.md");
    private static final String BEGIN = "<!-- written by HttpApiDocumentTest: begin -->\n";
    private static final String END = "<!-- written by HttpApiDocumentTest: end -->\n";
    private static final String HOW = """
            docs/http-api.md does not show what curl prints. If the change is meant, approve it with
                mvn -pl plugins/transport-http -am test -Dtest=HttpApiDocumentTest -Dsurefire.failIfNoSpecifiedTests=false -Dapi.approve=true
            and commit the file together with the change.
            """;
    private static final String MESSAGE = "{\"v\":1,\"src\":\"shop\",\"ts\":1697821234567,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"paid\"}}";
    private static final String AS_JSON = "-H 'Content-Type: application/json' ";
    private static final String AS_LINES = "-H 'Content-Type: application/x-ndjson' ";

    @TempDir
    private Path folder;
    private HttpHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = HttpHub.start(folder.resolve("hub"), Map.of("max_body_bytes", 10_000, "max_inflated_bytes", 100_000));
        hub.wantToken("for-tcp-only", List.of(), Set.of("tcp"));
        hub.wantToken("for-others", List.of("billing-*"), Set.of());
        hub.refusedTokens.putAll(Map.of("twice", Reason.SUPERSEDED, "busy", Reason.OVERLOADED));
        Files.writeString(folder.resolve("message.json"), MESSAGE + "\n");
        Files.writeString(folder.resolve("messages.ndjson"), MESSAGE + "\nnonsense\n" + MESSAGE + "\n");
        Files.writeString(folder.resolve("many.ndjson"), (MESSAGE + "\n").repeat(200));
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    /** A request as a person types it. */
    private record Step(String title, String path, String options) { }

    private static List<Step> steps() {
        String events = IngestServlet.EVENTS;
        String batch = IngestServlet.BATCH;
        return List.of(
                new Step("One message", events, AS_JSON + "--data-binary @message.json"),
                new Step("One message a line; one of them is none", events, AS_LINES + "--data-binary @messages.ndjson"),
                new Step("A batch, compressed", batch, AS_LINES + "-H 'Content-Encoding: gzip' --data-binary @many.ndjson.gz"),
                new Step("The same in zstd", IngestServlet.EVENTS_BATCH, AS_LINES + "-H 'Content-Encoding: zstd' --data-binary @many.ndjson.zst"),
                new Step("The first time under a key", events, AS_JSON + "-H 'Idempotency-Key: 7d0c' --data-binary @message.json"),
                new Step("The second time: it is known", events, AS_JSON + "-H 'Idempotency-Key: 7d0c' --data-binary @message.json"),
                new Step("400: JSON that does not end", batch, AS_JSON + "-d '[{\"v\":1'"),
                new Step("400: no message of the request is one", events, AS_JSON + "-d '{\"v\":2}'"),
                new Step("400: nothing in it", events, AS_JSON + "-d ''"),
                new Step("401: a token that the hub does not know", events, AS_JSON + "-H 'Authorization: Bearer stranger' --data-binary @message.json"),
                new Step("403: a token that may not do this", events, AS_JSON + "-H 'Authorization: Bearer for-tcp-only' --data-binary @message.json"),
                new Step("400: a token for other sources: each message is refused by itself", events, AS_JSON
                        + "-H 'Authorization: Bearer for-others' --data-binary @message.json"),
                new Step("404: no such address", "/v1/nothing", ""),
                new Step("405: another method", events, ""),
                new Step("408: a body that does not come", events, AS_JSON + "-X POST -T ."),
                new Step("409: somebody else uses the same key", events, AS_JSON + "-H 'Authorization: Bearer twice' -H 'Idempotency-Key: 7d0c'"
                        + " --data-binary @message.json"),
                new Step("411: no length", events, "-X POST"),
                new Step("413: too large", events, AS_LINES + "--data-binary @many.ndjson"),
                new Step("413: too large after decompression", events, AS_LINES + "-H 'Content-Encoding: gzip' --data-binary @zeros.gz"),
                new Step("415: curl's own Content-Type", events, "--data-binary @message.json"),
                new Step("415: an encoding that is not understood", events, AS_JSON + "-H 'Content-Encoding: br' --data-binary @message.json"),
                new Step("429: too much at a time", events, AS_JSON + "-H 'Authorization: Bearer busy' --data-binary @message.json"),
                new Step("431: headers that are too large", events, "-H \"X-Large: $(head -c 9000 /dev/zero | tr '\\0' x)\" --data-binary @message.json"),
                new Step("503: the log can't store", events, AS_JSON + "--data-binary @message.json"));
    }

    @Test
    void the_document_shows_what_curl_prints_and_the_description_knows_every_answer() throws Exception {
        run("gzip -kn many.ndjson && zstd -q many.ndjson && head -c 1000000 /dev/zero | gzip -n > zeros.gz");
        JsonNode description = description();
        StringBuilder transcripts = new StringBuilder();
        Set<String> seen = new TreeSet<>();
        for (Step step : steps()) {
            if (step.title().startsWith("503")) {
                hub.log.close();
            }
            String command = "curl -si " + step.options() + (step.options().isEmpty() ? "" : " ") + "http://127.0.0.1:17001" + step.path();
            String printed = run(command.replace(":17001", ":" + hub.port())).replaceAll("\r", "").replaceAll("(?m)^Date: .*\n", "");
            transcripts.append("### ").append(step.title()).append("\n\n```console\n$ ").append(command).append('\n').append(printed).append("```\n\n");
            // What curl does on the way, such as 100 Continue, is not the answer.
            String status = printed.replaceFirst("(?s)^HTTP/1.1 100.*?\n\n", "").replaceFirst("(?s)^HTTP/1.1 (\\d+).*", "$1");
            seen.add(status);
            if (description.at("/paths").has(step.path()) && !step.title().startsWith("405")) {
                assertThat(description.at("/paths").get(step.path()).at("/post/responses").has(status)).as("%s: %s", command, printed).isTrue();
            }
            assertThat(status).as(printed).isEqualTo(step.title().matches("\\d+:.*") ? step.title().substring(0, 3) : "202");
        }
        Set<String> described = new TreeSet<>();
        description.at("/paths/~1v1~1ingest~1events/post/responses").fieldNames().forEachRemaining(described::add);
        assertThat(seen).as("answers that are described are shown").containsAll(described);
        compare(transcripts.toString());
    }

    /** Those of this plugin; QueryPagesIT asks the packaged hub for all that are served. */
    @Test
    void the_description_has_the_addresses_that_there_are() throws Exception {
        JsonNode description = description();
        assertThat(description.get("openapi").asText()).startsWith("3.1");
        List<String> paths = new ArrayList<>();
        description.get("paths").fieldNames().forEachRemaining(paths::add);
        assertThat(paths).contains(IngestServlet.EVENTS, IngestServlet.BATCH, IngestServlet.EVENTS_BATCH, DescriptionServlet.ADDRESS);
        for (JsonNode reference : description.findValues("$ref")) {
            assertThat(description.at(reference.asText().substring(1)).isMissingNode()).as(reference.asText()).isFalse();
        }
    }

    private JsonNode description() throws Exception {
        return new ObjectMapper().readTree(hub.uri(DescriptionServlet.ADDRESS).toURL());
    }

    private String run(String command) throws Exception {
        Path output = Files.createTempFile(folder, "run", ".out");
        Process process = new ProcessBuilder("bash", "-c", command).directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).redirectOutput(output.toFile()).start();
        try (OutputStream input = process.getOutputStream()) {
            if (command.contains("-T .")) {
                input.write('{');
                input.flush();
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
            }
        } catch (java.io.IOException ended) {
            // It did not wait for the rest of its input.
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        Files.delete(output);
        return printed;
    }

    private static void compare(String transcripts) throws Exception {
        String before = Files.readString(DOCUMENT);
        int begin = before.indexOf(BEGIN) + BEGIN.length();
        int end = before.indexOf(END);
        assertThat(end).as("the marks in %s", DOCUMENT).isGreaterThanOrEqualTo(begin);
        if (Boolean.getBoolean("api.approve")) {
            Files.writeString(DOCUMENT, before.substring(0, begin) + "\n" + transcripts + before.substring(end));
            return;
        }
        assertThat(before.substring(begin, end)).as(HOW).isEqualTo("\n" + transcripts);
    }
}
