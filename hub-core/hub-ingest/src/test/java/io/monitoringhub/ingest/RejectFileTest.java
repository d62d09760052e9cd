package io.monitoringhub.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.Peer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RejectFileTest {

    private static final ComponentId TCP = new ComponentId(Kind.TRANSPORT, "tcp", "tcp");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    @Test
    void keepsTheLineTheReasonAndWhoSentIt() throws Exception {
        Path file = folder.resolve("rejected/rejected.ldjson");
        try (RejectFile rejects = new RejectFile(file, 1 << 20, CLOCK)) {
            refuse(rejects, "{\"v\":9}".getBytes(StandardCharsets.UTF_8));
            refuse(rejects, new byte[] {'x', (byte) 0xFF});
        }
        assertThat(Files.readAllLines(file)).containsExactly(
                "{\"at\":\"2026-11-22T10:00:00Z\",\"transport\":\"transport:tcp/tcp\",\"peer\":\"10.0.0.1:9\",\"code\":\"too_long\","
                        + "\"reason\":\"because\",\"line\":\"{\\\"v\\\":9}\"}",
                "{\"at\":\"2026-11-22T10:00:00Z\",\"transport\":\"transport:tcp/tcp\",\"peer\":\"10.0.0.1:9\",\"code\":\"too_long\","
                        + "\"reason\":\"because\",\"line_base64\":\"eP8=\"}");
    }

    @Test
    void keepsNoTokenWhateverElseIsWrongWithTheLine() throws Exception {
        Path file = folder.resolve("rejected.ldjson");
        try (RejectFile rejects = new RejectFile(file, 1 << 20, CLOCK)) {
            for (String line : List.of("{\"type\":\"hello\",\"data\":{\"token\" : \"s3cret\",\"next\":1}", "{\"token\":\"a\\\"s3cret", "\u00fc\"token\":\"s3cret\"",
                    "{\"token\":\"" + "\\n".repeat(30_000) + "s3cret")) {
                refuse(rejects, line.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        List<String> kept = Files.readAllLines(file);
        assertThat(kept).hasSize(4).noneMatch(line -> line.contains("s3cret"));
        assertThat(kept.get(0)).contains("\\\"next\\\":1");
        assertThat(new String(Base64.getDecoder().decode(kept.get(2).replaceAll(".*base64\":\"(.*)\".*", "$1")), StandardCharsets.ISO_8859_1))
                .isEqualTo("\u00fc\"token\":\"***\"");
    }

    @Test
    void staysWithinItsSize() throws Exception {
        Path file = folder.resolve("rejected.ldjson");
        for (int round = 0; round < 4; round++) {
            try (RejectFile rejects = new RejectFile(file, 1000, CLOCK)) {
                refuse(rejects, "x".repeat(900).getBytes(StandardCharsets.UTF_8));
            }
        }
        try (var files = Files.list(folder)) {
            assertThat(files.map(found -> found.getFileName().toString())).containsExactlyInAnyOrder("rejected.ldjson",
                    "rejected.ldjson.1");
        }
    }

    private static void refuse(RejectFile rejects, byte[] line) {
        rejects.refused(TCP, new Peer("10.0.0.1:9"), new Refusal(RefusalCode.TOO_LONG, "because"), line, 0, line.length);
    }
}
