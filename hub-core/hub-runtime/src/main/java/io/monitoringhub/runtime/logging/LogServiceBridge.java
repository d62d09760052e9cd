package io.monitoringhub.runtime.logging;

import io.monitoringhub.runtime.config.FailedStart;
import java.util.Map;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.osgi.service.log.Logger;
import org.osgi.service.log.admin.LoggerAdmin;
import org.osgi.service.log.admin.LoggerContext;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Forwards every LogService entry to SLF4J, level kept, under the logger's name or, where that says nothing, the bundle's.
 *
 * <p>The LogService drops what is below its own level before anybody sees it, WARN by default: it is set to INFO here. What it makes of
 * every bundle that starts and every service that comes is no news; only warnings and errors among these events are passed on.
 *
 * <p>Thread-safe.
 */
@Component(service = {}, immediate = true)
public final class LogServiceBridge implements LogListener {

    private static final String LEGACY_PREFIX = "LogService";
    private static final String EVENTS_PREFIX = "Events.";

    private final LogReaderService reader;

    @Activate
    public LogServiceBridge(@Reference LogReaderService reader, @Reference LoggerAdmin admin) {
        this.reader = reader;
        LoggerContext root = admin.getLoggerContext(null);
        root.setLogLevels(Map.of(Logger.ROOT_LOGGER_NAME, LogLevel.INFO));
        reader.addLogListener(this);
    }

    @Deactivate
    public void stop() {
        reader.removeLogListener(this);
    }

    @Override
    public void logged(LogEntry entry) {
        Level level = level(entry.getLogLevel());
        if (name(entry).startsWith(EVENTS_PREFIX) && level.compareTo(Level.WARN) > 0 || isToldAlready()) {
            return;
        }
        LoggerFactory.getLogger(name(entry)).atLevel(level).setCause(entry.getException()).log(message(entry));
    }

    /** A hub that could not start has said why; Declarative Services say it again, with stack traces, for each component that wanted it. */
    private static boolean isToldAlready() {
        return FailedStart.isKnown();
    }

    private static Level level(LogLevel level) {
        return switch (level) {
            case ERROR -> Level.ERROR;
            case WARN -> Level.WARN;
            case AUDIT, INFO -> Level.INFO;
            case DEBUG -> Level.DEBUG;
            case TRACE -> Level.TRACE;
        };
    }

    private static String name(LogEntry entry) {
        String name = entry.getLoggerName();
        boolean saysNothing = name == null || name.startsWith(LEGACY_PREFIX);
        return saysNothing && entry.getBundle() != null ? entry.getBundle().getSymbolicName() : String.valueOf(name);
    }

    private static String message(LogEntry entry) {
        ServiceReference<?> service = entry.getServiceReference();
        return service == null ? String.valueOf(entry.getMessage()) : entry.getMessage() + " " + service;
    }
}
