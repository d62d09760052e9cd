package io.monitoringhub.sdk.logback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.State;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;

/** With a real Logback. There is no hub: what would be sent is in the spool when all has ended. */
@Timeout(300)
class MonitoringAppenderTest {

    @TempDir
    Path spool;

    private final LoggerContext logback = new LoggerContext();
    private final Logger logger = logback.getLogger("shop.orders");
    private MonitoringSdk sdk;

    @BeforeEach
    void install() {
        logback.setMDCAdapter(MDC.getMDCAdapter());
        sdk = MonitoringSdk.builder().source("test").host(spool.resolve("no.sock").toString()).spoolDirectory(spool)
                .closeTimeout(Duration.ofSeconds(1)).build();
        MonitoringAppender appender = new MonitoringAppender();
        appender.setContext(logback);
        appender.setSdk(sdk);
        appender.start();
        logger.setLevel(Level.ALL);
        logger.addAppender(appender);
    }

    @AfterEach
    void stop() {
        MDC.clear();
        logback.stop();
        sdk.close();
    }

    private List<String> messages() throws IOException {
        sdk.close();
        return messages(spool, "test");
    }

    private static List<String> messages(Path folder, String source) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files.filter(path -> path.getFileName().toString().matches(source + "-.*ldjson"))::iterator) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    @Test
    void eventsHaveLevelTextMdcPairsMarkersLoggerThreadAndException() throws Exception {
        MDC.put("request", "r-1");
        logger.atWarn().addMarker(MarkerFactory.getMarker("AUDIT")).addKeyValue("count", 3).log("{} orders of {}", 3, "Ann");
        logger.error("failed", new IllegalStateException("no stock", new RuntimeException("shelf")));
        List<String> messages = messages();
        assertThat(messages).hasSize(2);
        assertThat(messages.get(0)).contains("\"level\":\"warn\"", "\"msg\":\"3 orders of Ann\"", "\"request\":\"r-1\"", "\"count\":3", "\"markers\":[\"AUDIT\"]",
                "\"logger\":\"shop.orders\"", "\"thread\":\"" + Thread.currentThread().getName() + "\"");
        assertThat(messages.get(1)).contains("\"level\":\"error\"", "IllegalStateException: no stock", "Caused by: java.lang.RuntimeException: shelf");
    }

    @Test
    void eachLevelHasItsWord() throws Exception {
        logger.trace("m");
        logger.debug("m");
        logger.info("m");
        logger.warn("m");
        logger.error("m");
        assertThat(messages()).extracting(line -> line.replaceAll(".*\"level\":\"([a-z]+)\".*", "$1"))
                .containsExactly("debug", "debug", "info", "warn", "error");
    }

    @Test
    void whatIsLoggedWhileAnEventIsWrittenMakesNoOtherAndWhatThrowsThrowsNothing() throws Exception {
        Object talkative = new Object() {
            @Override
            public String toString() {
                logger.info("inner");
                throw new UnsupportedOperationException("no text");
            }
        };
        assertThatCode(() -> {
            logger.info("outer {}", talkative);
            logger.info("after");
        }).doesNotThrowAnyException();
        assertThat(messages()).hasSize(2).noneMatch(line -> line.contains("\"msg\":\"inner\"")).last().asString().contains("\"msg\":\"after\"");
    }

    @Test
    void aGivenSdkStaysOpenWhenLogbackStops() {
        logger.info("m");
        logback.stop();
        assertThat(sdk.stats().state()).isNotEqualTo(State.CLOSED);
        assertThat(sdk.stats().messages()).isOne();
    }

    @Test
    void aConfigurationFileIsEnough() throws Exception {
        String source = "configured-" + UUID.randomUUID();
        LoggerContext other = new LoggerContext();
        other.setMDCAdapter(MDC.getMDCAdapter());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(other);
        configurator.doConfigure(new ByteArrayInputStream("""
                <configuration>
                  <appender name="HUB" class="io.monitoringhub.sdk.logback.MonitoringAppender">
                    <source>%s</source>
                    <host>%s</host>
                  </appender>
                  <root level="info"><appender-ref ref="HUB"/></root>
                </configuration>
                """.formatted(source, spool.resolve("no.sock")).getBytes(StandardCharsets.UTF_8)));
        other.getLogger("program").debug("quiet");
        other.getLogger("program").info("loud");
        other.stop();
        assertThat(messages(Path.of(System.getenv("MONITORING_SPOOL_DIR")), source)).hasSize(1).first().asString().contains("\"msg\":\"loud\"");
    }
}
