package io.monitoringhub.sdk.log4j2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

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
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.MarkerManager;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.NullConfiguration;
import org.apache.logging.log4j.core.config.xml.XmlConfiguration;
import org.apache.logging.log4j.message.AsynchronouslyFormattable;
import org.apache.logging.log4j.message.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a real Log4j. There is no hub: what would be sent is in the spool when all has ended. */
@Timeout(300)
class MonitoringAppenderTest {

    @TempDir
    Path spool;

    private final LoggerContext log4j = new LoggerContext("test");
    private Logger logger;
    private MonitoringSdk sdk;

    @BeforeEach
    void install() {
        log4j.start(new NullConfiguration());
        sdk = MonitoringSdk.builder().source("test").host(spool.resolve("no.sock").toString()).spoolDirectory(spool)
                .closeTimeout(Duration.ofSeconds(1)).build();
        MonitoringAppender appender = new MonitoringAppender("hub", sdk);
        appender.start();
        logger = log4j.getLogger("shop.orders");
        logger.addAppender(appender);
        logger.setLevel(Level.ALL);
        logger.setAdditive(false);
    }

    @AfterEach
    void stop() {
        ThreadContext.clearAll();
        log4j.stop();
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
    void eventsHaveLevelTextContextMarkerLoggerThreadAndException() throws Exception {
        ThreadContext.put("request", "r-1");
        logger.warn(MarkerManager.getMarker("AUDIT"), "{} orders of {}", 3, "Ann");
        logger.error("failed", new IllegalStateException("no stock", new RuntimeException("shelf")));
        List<String> messages = messages();
        assertThat(messages).hasSize(2);
        assertThat(messages.get(0)).contains("\"level\":\"warn\"", "\"msg\":\"3 orders of Ann\"", "\"request\":\"r-1\"", "\"marker\":\"AUDIT\"",
                "\"logger\":\"shop.orders\"", "\"thread\":\"" + Thread.currentThread().getName() + "\"");
        assertThat(messages.get(1)).contains("\"level\":\"error\"", "IllegalStateException: no stock", "Caused by: java.lang.RuntimeException: shelf");
    }

    @Test
    void eachLevelHasItsWord() throws Exception {
        for (Level level : List.of(Level.TRACE, Level.DEBUG, Level.INFO, Level.forName("NOTICE", 350), Level.WARN, Level.ERROR, Level.FATAL)) {
            logger.log(level, "m");
        }
        assertThat(messages()).extracting(line -> line.replaceAll(".*\"level\":\"([a-z]+)\".*", "$1"))
                .containsExactly("debug", "debug", "info", "info", "warn", "error", "fatal");
    }

    @Test
    void whatIsLoggedWhileAnEventIsWrittenMakesNoOtherAndWhatThrowsThrowsNothing() throws Exception {
        assertThatCode(() -> {
            logger.info(new Talkative());
            logger.info("after");
        }).doesNotThrowAnyException();
        assertThat(messages()).hasSize(2).noneMatch(line -> line.contains("\"msg\":\"inner\"")).satisfies(lines -> {
            assertThat(lines.get(0)).contains("[unreadable message: java.lang.UnsupportedOperationException]");
            assertThat(lines.get(1)).contains("\"msg\":\"after\"");
        });
    }

    /** Log4j leaves it to appenders to write such a one. */
    @AsynchronouslyFormattable
    private final class Talkative implements Message {

        private static final long serialVersionUID = 1;

        @Override
        public String getFormattedMessage() {
            logger.info("inner");
            throw new UnsupportedOperationException("no text");
        }

        @Override
        public Object[] getParameters() {
            return new Object[0];
        }

        @Override
        public Throwable getThrowable() {
            return null;
        }
    }

    @Test
    void aGivenSdkStaysOpenWhenLog4jStops() {
        logger.info("m");
        log4j.stop();
        assertThat(sdk.stats().state()).isNotEqualTo(State.CLOSED);
        assertThat(sdk.stats().messages()).isOne();
    }

    @Test
    void aConfigurationFileIsEnough() throws Exception {
        String source = "configured-" + UUID.randomUUID();
        LoggerContext other = new LoggerContext("configured");
        other.start(new XmlConfiguration(other, new ConfigurationSource(new ByteArrayInputStream("""
                <Configuration>
                  <Appenders><Monitoring name="hub" source="%s" host="%s"/></Appenders>
                  <Loggers><Root level="info"><AppenderRef ref="hub"/></Root></Loggers>
                </Configuration>
                """.formatted(source, spool.resolve("no.sock")).getBytes(StandardCharsets.UTF_8)))));
        other.getLogger("program").debug("quiet");
        other.getLogger("program").info("loud");
        other.stop();
        assertThat(messages(Path.of(System.getenv("MONITORING_SPOOL_DIR")), source)).hasSize(1).first().asString().contains("\"msg\":\"loud\"");
    }
}
