package io.monitoringhub.sdk;

import static io.monitoringhub.sdk.TestSdk.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.monitoringhub.sdk.jul.MonitoringHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class JulHandlerTest {

    @TempDir
    Path spool;

    private final Logger logger = Logger.getLogger("shop.orders");
    private FakeHub hub;
    private MonitoringSdk sdk;
    private MonitoringHandler handler;

    @BeforeEach
    void install() {
        hub = new FakeHub();
        sdk = TestSdk.builder(hub, spool).build();
        handler = new MonitoringHandler(sdk);
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.ALL);
        logger.addHandler(handler);
    }

    @AfterEach
    void remove() {
        logger.removeHandler(handler);
        handler.close();
        sdk.close();
        hub.close();
    }

    private List<String> messages() {
        assertThat(sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
        return hub.messages();
    }

    @Test
    void recordsAreEventsWithLevelTextLoggerThreadAndException() {
        logger.log(Level.WARNING, "{0} orders of {1}", new Object[] {3, "Ann"});
        logger.log(Level.SEVERE, "failed", new IllegalStateException("no stock", new RuntimeException("shelf")));
        List<String> messages = messages();
        assertThat(messages.get(0)).contains("\"level\":\"warn\"", "\"msg\":\"3 orders of Ann\"", "\"logger\":\"shop.orders\"",
                "\"thread\":\"" + Thread.currentThread().getName() + "\"");
        assertThat(messages.get(1)).contains("\"level\":\"error\"", "IllegalStateException: no stock", "Caused by: java.lang.RuntimeException: shelf",
                "at io.monitoringhub.sdk.JulHandlerTest");
    }

    @Test
    void eachLevelHasItsWordAndTheHandlersOwnLevelHolds() {
        Level custom = new Level("ALERT", 1_200) {
            private static final long serialVersionUID = 1;
        };
        for (Level level : List.of(Level.FINEST, Level.CONFIG, Level.INFO, Level.WARNING, Level.SEVERE, custom)) {
            logger.log(level, "m");
        }
        handler.setLevel(Level.WARNING);
        logger.info("below");
        assertThat(messages()).extracting(line -> line.replaceAll(".*\"level\":\"([a-z]+)\".*", "$1"))
                .containsExactly("debug", "debug", "info", "warn", "error", "fatal");
    }

    @Test
    void whatIsLoggedWhileARecordIsWrittenMakesNoEventAndNoLoop() {
        Object talkative = new Object() {
            @Override
            public String toString() {
                logger.info("inner");
                return "outer";
            }
        };
        logger.log(Level.INFO, "{0}", talkative);
        assertThat(messages()).hasSize(1).first().asString().contains("\"msg\":\"outer\"");
    }

    @Test
    void recordsOfTheSdksOwnThreadsAreLeftOut() throws InterruptedException {
        Thread own = new Thread(() -> logger.info("from within"), "monitoring-sdk-test-x");
        own.start();
        own.join();
        logger.info("from without");
        assertThat(messages()).hasSize(1).first().asString().contains("from without");
    }

    @Test
    void whatThrowsWhenItIsWrittenIsSaidAndThrowsNothing() {
        RuntimeException bad = new RuntimeException("x") {
            private static final long serialVersionUID = 1;

            @Override
            public String toString() {
                throw new UnsupportedOperationException("no text");
            }
        };
        assertThatCode(() -> {
            logger.log(Level.INFO, "bad exception", bad);
            logger.log(Level.INFO, (String) null);
        }).doesNotThrowAnyException();
        assertThat(messages()).hasSize(2).first().asString().contains("[unreadable message: java.lang.UnsupportedOperationException]");
    }

    @Test
    void aConfigurationFileIsEnough() throws Exception {
        Path properties = Files.writeString(spool.resolve("logging.properties"), """
                handlers = io.monitoringhub.sdk.jul.MonitoringHandler
                io.monitoringhub.sdk.jul.MonitoringHandler.level = WARNING
                io.monitoringhub.sdk.jul.MonitoringHandler.source = configured
                """);
        ProcessBuilder program = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-cp", System.getProperty("java.class.path"),
                "-Djava.util.logging.config.file=" + properties, Program.class.getName());
        program.environment().putAll(Map.of("MONITORING_HOST", "127.0.0.1", "MONITORING_PORT", Integer.toString(hub.port()),
                "MONITORING_SPOOL_DIR", spool.toString()));
        Process process = program.inheritIO().start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).isZero();
        // On a busy machine its time to send may not have been enough: then the next one of its source sends it.
        try (MonitoringSdk next = TestSdk.builder(hub, spool).source("configured").build()) {
            next.flush(LONG);
            hub.await("its message", () -> !hub.messages().isEmpty());
        }
        assertThat(hub.messages()).hasSize(1).first().asString().contains("\"src\":\"configured\"", "\"msg\":\"loud\"");
    }

    /** Logs, and knows of no hub. */
    static final class Program {

        private Program() {
        }

        public static void main(String[] arguments) {
            Logger.getLogger("program").info("quiet");
            Logger.getLogger("program").warning("loud");
        }
    }
}
