package io.monitoringhub.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.Peer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalLogTest {

    private static final ComponentId TCP = new ComponentId(Kind.TRANSPORT, "tcp", "tcp");
    private static final ComponentId UNIX = new ComponentId(Kind.TRANSPORT, "unix", "unix");

    private final Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final RefusalLog log = new RefusalLog(Path.of("rejected.ldjson"), 0);
    private int peers;

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.WARN);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    @Test
    void a_thousand_refusals_of_a_cause_are_one_line_and_then_one_a_minute() {
        refuse(TCP, RefusalCode.UNAUTHORIZED, 1000);
        log.report(seconds(1));
        refuse(TCP, RefusalCode.UNAUTHORIZED, 1000);
        log.report(seconds(59));
        assertThat(said()).singleElement().asString().contains("WARN transport:tcp/tcp: refused a line from 10.0.0.1:1: unauthorized: because");
        log.report(seconds(60));
        assertThat(said()).hasSize(2).last().asString().contains("unauthorized: 2000 lines refused within a minute");
        refuse(TCP, RefusalCode.UNAUTHORIZED, 7);
        log.report(seconds(119));
        assertThat(said()).hasSize(2);
        log.report(seconds(120));
        assertThat(said()).hasSize(3).last().asString().contains("7 lines");
    }

    @Test
    void each_transport_and_code_is_a_cause_of_its_own() {
        refuse(TCP, RefusalCode.UNAUTHORIZED, 2);
        refuse(TCP, RefusalCode.MALFORMED, 2);
        refuse(UNIX, RefusalCode.MALFORMED, 2);
        log.report(seconds(1));
        assertThat(said()).hasSize(3);
    }

    @Test
    void a_cause_that_was_quiet_for_a_minute_is_new_again() {
        refuse(TCP, RefusalCode.MALFORMED, 1);
        log.report(seconds(1));
        log.report(seconds(60));
        log.report(seconds(120));
        refuse(TCP, RefusalCode.MALFORMED, 1);
        log.report(seconds(121));
        assertThat(said()).hasSize(2).allMatch(line -> line.contains("refused a line from"));
    }

    private void refuse(ComponentId transport, RefusalCode code, int times) {
        for (int i = 0; i < times; i++) {
            log.count(transport, new Peer("10.0.0.1:" + ++peers), new Refusal(code, "because"));
        }
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    private List<String> said() {
        return lines.list.stream().map(event -> event.getLevel() + " " + event.getFormattedMessage()).toList();
    }
}
