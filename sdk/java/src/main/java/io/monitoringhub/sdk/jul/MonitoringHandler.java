package io.monitoringhub.sdk.jul;

import io.monitoringhub.sdk.LogForwarder;
import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.SdkBuilder;
import java.util.Optional;
import java.util.logging.ErrorManager;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/**
 * Sends records of java.util.logging as events. Their context has logger, thread and exception.
 *
 * <p>In {@code logging.properties}: {@code handlers = io.monitoringhub.sdk.jul.MonitoringHandler}, and behind this name {@code .level} (default ALL) and
 * {@code .source}; what else the SDK needs comes from its environment variables. Thread-safe.
 */
public final class MonitoringHandler extends Handler {

    private static final int FATAL = 1_100;
    private static final Formatter MESSAGES = new SimpleFormatter();

    private final LogForwarder forwarder;
    private final Optional<MonitoringSdk> own;

    /** For {@code logging.properties}: makes an SDK of its own, and closes it with itself. */
    public MonitoringHandler() {
        SdkBuilder builder = MonitoringSdk.builder();
        property("source").ifPresent(builder::source);
        own = Optional.of(builder.build());
        forwarder = new LogForwarder(own.get());
        property("level").ifPresent(this::level);
    }

    /** Sends with this SDK, which stays its maker's to close. */
    public MonitoringHandler(MonitoringSdk sdk) {
        own = Optional.empty();
        forwarder = new LogForwarder(sdk);
    }

    private static Optional<String> property(String name) {
        return Optional.ofNullable(LogManager.getLogManager().getProperty(MonitoringHandler.class.getName() + "." + name));
    }

    private void level(String name) {
        try {
            setLevel(Level.parse(name.trim()));
        } catch (IllegalArgumentException e) {
            reportError("level '" + name + "' is none: ALL counts", e, ErrorManager.OPEN_FAILURE);
        }
    }

    @Override
    public void publish(LogRecord record) {
        if (!isLoggable(record)) {
            return;
        }
        forwarder.forward(level(record.getLevel().intValue()), () -> MESSAGES.formatMessage(record), context -> {
            context.put("logger", record.getLoggerName());
            context.put("thread", Thread.currentThread().getName());
            if (record.getThrown() != null) {
                context.put("exception", LogForwarder.text(record.getThrown()));
            }
        });
    }

    private static String level(int value) {
        return value >= FATAL ? "fatal" : value >= Level.SEVERE.intValue() ? "error" : value >= Level.WARNING.intValue() ? "warn"
                : value >= Level.INFO.intValue() ? "info" : "debug";
    }

    /** Nothing: the SDK sends by itself, and its close has a limit. */
    @Override
    public void flush() {
    }

    @Override
    public void close() {
        own.ifPresent(MonitoringSdk::close);
    }
}
