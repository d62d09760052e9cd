package io.monitoringhub.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.monitoringhub.command.LogLevels;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** Levels of logback's loggers, and what they were at first. Thread-safe. */
final class LogbackLevels implements LogLevels {

    private final LoggerContext context;
    /** Of what was changed: what the configuration said; null for nothing. */
    private final Map<String, Level> first = new HashMap<>();

    private LogbackLevels(LoggerContext context) {
        this.context = context;
    }

    /** Empty where somebody has put another library in place. */
    static Optional<LogLevels> create() {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        return factory instanceof LoggerContext context ? Optional.of(new LogbackLevels(context)) : Optional.empty();
    }

    @Override
    public synchronized List<Setting> levels() {
        return context.getLoggerList().stream().filter(logger -> logger.getLevel() != null || first.containsKey(logger.getName()))
                .map(this::view).toList();
    }

    @Override
    public synchronized Setting level(String logger) {
        return view(find(logger));
    }

    @Override
    public synchronized void set(String logger, String level) {
        Logger found = find(logger);
        if (!first.containsKey(found.getName())) {
            first.put(found.getName(), found.getLevel());
        }
        found.setLevel(Level.toLevel(level, Level.INFO));
    }

    @Override
    public synchronized void reset(String logger) {
        Logger found = find(logger);
        if (first.containsKey(found.getName())) {
            found.setLevel(first.remove(found.getName()));
        }
    }

    private Logger find(String name) {
        return context.getLogger(name.equalsIgnoreCase(ROOT) ? Logger.ROOT_LOGGER_NAME : name);
    }

    private Setting view(Logger logger) {
        String name = logger.getName().equals(Logger.ROOT_LOGGER_NAME) ? ROOT : logger.getName();
        return new Setting(name, word(logger.getEffectiveLevel()), Optional.ofNullable(logger.getLevel()).map(LogbackLevels::word),
                first.containsKey(logger.getName()));
    }

    private static String word(Level level) {
        return level.toString().toLowerCase(Locale.ROOT);
    }
}
