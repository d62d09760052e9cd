package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.Protocol;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressionIT {

    private static final int MESSAGES = 5_000;
    /** Of a message as these SDKs write it, roughly. */
    private static final int LEAST_PLAIN_BYTES = MESSAGES * 100;

    @TempDir
    private Path folder;
    private LoadedHub loaded;
    private CountingRelay relay;

    @BeforeEach
    void start() throws Exception {
        loaded = LoadedHub.startIn(folder.resolve("hub"));
        relay = new CountingRelay(loaded.port());
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
        loaded.hub().close();
    }

    @Test
    void the_perl_sdk_compresses_what_it_sends_and_every_line_arrives() throws Exception {
        assertThat(perl("0")).startsWith("all acked=" + MESSAGES + " refused=0");
        assertThat(relay.sent()).isGreaterThan(LEAST_PLAIN_BYTES);
        loaded.awaitLines(MESSAGES + 1);
        long before = relay.sent();
        assertThat(perl("1")).startsWith("all acked=" + MESSAGES + " refused=0");
        assertThat(relay.sent() - before).isLessThan(LEAST_PLAIN_BYTES / 3);
        loaded.awaitLines(2 * MESSAGES + 2);
    }

    @Test
    void the_java_sdk_compresses_what_it_sends_and_every_line_arrives() throws Exception {
        MonitoringSdk sdk = MonitoringSdk.builder().source("java").port(relay.port()).compress(true).protocol(Protocol.ACKED).bufferMessages(2 * MESSAGES)
                .spoolDirectory(folder.resolve("spool")).closeTimeout(Duration.ofSeconds(60)).build();
        for (int i = 0; i < MESSAGES; i++) {
            sdk.logEvent("info", "event " + i + ", the same words again and again");
        }
        sdk.close();
        assertThat(sdk.stats().acked()).as("and perhaps the goodbye: %s", sdk.stats()).isBetween((long) MESSAGES, MESSAGES + 1L);
        assertThat(sdk.stats().refused()).isZero();
        assertThat(relay.sent()).isLessThan(LEAST_PLAIN_BYTES / 3);
        loaded.awaitLines(sdk.stats().acked());
    }

    private String perl(String compress) throws Exception {
        return PerlApplication.log(MESSAGES, "port", String.valueOf(relay.port()), "source", "perl", "protocol", "acked", "buffer", "10000",
                "compress", compress);
    }
}
