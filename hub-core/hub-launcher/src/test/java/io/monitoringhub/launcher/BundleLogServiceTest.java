package io.monitoringhub.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.util.Map;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LogService;
import org.osgi.service.log.LoggerFactory;

class BundleLogServiceTest {

    private static final String NAME = "io.monitoringhub.launcher.told";

    @TempDir
    Path folder;

    private final Logger logger = (Logger) org.slf4j.LoggerFactory.getLogger(NAME);
    private final Logger framework = (Logger) org.slf4j.LoggerFactory.getLogger("org.apache.felix.framework");
    private final ListAppender<ILoggingEvent> told = new ListAppender<>();
    private Framework osgi;
    private BundleContext context;

    @BeforeEach
    void start() throws Exception {
        System.clearProperty(HubProcess.EXIT_CODE);
        osgi = new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.toString(),
                Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, "org.osgi.service.log;version=\"1.5.0\""));
        osgi.init();
        context = osgi.getBundleContext();
        BundleLogService.register(context);
        told.start();
        logger.setLevel(Level.INFO);
        for (Logger each : new Logger[] {logger, framework}) {
            each.addAppender(told);
        }
    }

    @AfterEach
    void stop() throws Exception {
        System.clearProperty(HubProcess.EXIT_CODE);
        logger.setLevel(null);
        for (Logger each : new Logger[] {logger, framework}) {
            each.detachAppender(told);
        }
        osgi.stop();
        osgi.waitForStop(0);
    }

    private String lines() {
        return told.list.stream().map(event -> event.getLevel() + " " + event.getFormattedMessage()
                + (event.getThrowableProxy() == null ? "" : " " + event.getThrowableProxy().getMessage()) + "\n").reduce("", String::concat);
    }

    @Test
    void tells_messages_with_their_level_values_and_cause_and_nothing_below_the_level_that_is_set() {
        org.osgi.service.log.Logger log = factory().getLogger(NAME);
        log.debug("below");
        log.info("{} of {}", 1, 2);
        log.error("bad {}", "jar", new IllegalStateException("why"));
        log.audit("as info");
        log.warn(target -> target.warn("asked for"));
        assertThat(log.isDebugEnabled()).isFalse();
        assertThat(lines()).isEqualTo("INFO 1 of 2\nERROR bad jar why\nINFO as info\nWARN asked for\n");
        told.list.clear();
        logger.setLevel(Level.DEBUG);
        log.debug("now it is told");
        assertThat(lines()).isEqualTo("DEBUG now it is told\n");
    }

    @Test
    void knows_formats_of_printf_too() {
        factory().getLogger(NAME, FormatterLogger.class).warn("%05.1f %%", 2.25, new IllegalStateException("why"));
        assertThat(lines()).isEqualTo("WARN 002.3 % why\n");
    }

    @Test
    @SuppressWarnings("deprecation")
    void takes_what_older_bundles_say_under_their_name() {
        LogService service = context.getService(context.getServiceReference(LogService.class));
        service.log(LogService.LOG_WARNING, "an older {} bundle", new IllegalStateException("why"));
        assertThat(lines()).isEqualTo("WARN an older {} bundle why\n");
        assertThat(told.list.get(0).getLoggerName()).isEqualTo(framework.getName());
    }

    @Test
    void is_silent_once_the_hub_has_said_why_it_could_not_start() {
        System.setProperty(HubProcess.EXIT_CODE, "78");
        factory().getLogger(NAME).error("once more");
        assertThat(lines()).isEmpty();
    }

    private LoggerFactory factory() {
        return context.getService(context.getServiceReference(LoggerFactory.class));
    }
}
