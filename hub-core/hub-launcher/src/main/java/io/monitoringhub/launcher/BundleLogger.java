package io.monitoringhub.launcher;

import java.util.Arrays;
import java.util.Locale;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LoggerConsumer;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * A logger of OSGi's that is one of SLF4J. What OSGi calls audit is always told; here at level INFO.
 *
 * <p>Thread-safe.
 */
final class BundleLogger implements FormatterLogger {

    private final Logger log;
    private final boolean isPrintf;

    /** @param isPrintf whether messages are formats of {@link String#format}, and not of SLF4J */
    BundleLogger(Logger log, boolean isPrintf) {
        this.log = log;
        this.isPrintf = isPrintf;
    }

    @Override
    public String getName() {
        return log.getName();
    }

    @Override
    public boolean isTraceEnabled() {
        return log.isTraceEnabled();
    }

    @Override
    public void trace(String message) {
        say(Level.TRACE, message);
    }

    @Override
    public void trace(String format, Object argument) {
        say(Level.TRACE, format, argument);
    }

    @Override
    public void trace(String format, Object one, Object two) {
        say(Level.TRACE, format, one, two);
    }

    @Override
    public void trace(String format, Object... arguments) {
        say(Level.TRACE, format, arguments);
    }

    @Override
    public <E extends Exception> void trace(LoggerConsumer<E> consumer) throws E {
        if (isTraceEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isDebugEnabled() {
        return log.isDebugEnabled();
    }

    @Override
    public void debug(String message) {
        say(Level.DEBUG, message);
    }

    @Override
    public void debug(String format, Object argument) {
        say(Level.DEBUG, format, argument);
    }

    @Override
    public void debug(String format, Object one, Object two) {
        say(Level.DEBUG, format, one, two);
    }

    @Override
    public void debug(String format, Object... arguments) {
        say(Level.DEBUG, format, arguments);
    }

    @Override
    public <E extends Exception> void debug(LoggerConsumer<E> consumer) throws E {
        if (isDebugEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isInfoEnabled() {
        return log.isInfoEnabled();
    }

    @Override
    public void info(String message) {
        say(Level.INFO, message);
    }

    @Override
    public void info(String format, Object argument) {
        say(Level.INFO, format, argument);
    }

    @Override
    public void info(String format, Object one, Object two) {
        say(Level.INFO, format, one, two);
    }

    @Override
    public void info(String format, Object... arguments) {
        say(Level.INFO, format, arguments);
    }

    @Override
    public <E extends Exception> void info(LoggerConsumer<E> consumer) throws E {
        if (isInfoEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isWarnEnabled() {
        return log.isWarnEnabled();
    }

    @Override
    public void warn(String message) {
        say(Level.WARN, message);
    }

    @Override
    public void warn(String format, Object argument) {
        say(Level.WARN, format, argument);
    }

    @Override
    public void warn(String format, Object one, Object two) {
        say(Level.WARN, format, one, two);
    }

    @Override
    public void warn(String format, Object... arguments) {
        say(Level.WARN, format, arguments);
    }

    @Override
    public <E extends Exception> void warn(LoggerConsumer<E> consumer) throws E {
        if (isWarnEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isErrorEnabled() {
        return log.isErrorEnabled();
    }

    @Override
    public void error(String message) {
        say(Level.ERROR, message);
    }

    @Override
    public void error(String format, Object argument) {
        say(Level.ERROR, format, argument);
    }

    @Override
    public void error(String format, Object one, Object two) {
        say(Level.ERROR, format, one, two);
    }

    @Override
    public void error(String format, Object... arguments) {
        say(Level.ERROR, format, arguments);
    }

    @Override
    public <E extends Exception> void error(LoggerConsumer<E> consumer) throws E {
        if (isErrorEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public void audit(String message) {
        say(Level.INFO, message);
    }

    @Override
    public void audit(String format, Object argument) {
        say(Level.INFO, format, argument);
    }

    @Override
    public void audit(String format, Object one, Object two) {
        say(Level.INFO, format, one, two);
    }

    @Override
    public void audit(String format, Object... arguments) {
        say(Level.INFO, format, arguments);
    }

    private void say(Level level, String format, Object... arguments) {
        if (BundleLogService.isSilent() || !log.isEnabledForLevel(level)) {
            return;
        }
        if (!isPrintf) {
            log.atLevel(level).log(format, arguments);
            return;
        }
        boolean hasCause = arguments.length > 0 && arguments[arguments.length - 1] instanceof Throwable;
        Object[] values = hasCause ? Arrays.copyOf(arguments, arguments.length - 1) : arguments;
        log.atLevel(level).setCause(hasCause ? (Throwable) arguments[arguments.length - 1] : null).log(String.format(Locale.ROOT, format, values));
    }
}
