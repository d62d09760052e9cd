package io.monitoringhub.command;

import java.util.List;
import java.util.Optional;

/** How much the hub's own log says. The launcher has the library on its class path and registers this as a service. Thread-safe. */
public interface LogLevels {

    /** Where all loggers begin. */
    String ROOT = "root";

    /**
     * A logger.
     *
     * @param name its name
     * @param level what it says now
     * @param configured what it was told itself; empty where it says what its parent says
     * @param isChanged whether it was told in the running hub, and not by the configuration
     */
    record Setting(String name, String level, Optional<String> configured, boolean isChanged) {
    }

    /** Those that were told something themselves. */
    List<Setting> levels();

    /** One, whether it was told something or not. */
    Setting level(String logger);

    /** Tells one. @param level {@code trace}, {@code debug}, {@code info}, {@code warn}, {@code error} or {@code off} */
    void set(String logger, String level);

    /** Back to what the configuration said. */
    void reset(String logger);
}
