package io.monitoringhub.spi;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Where a plugin says how it is, beyond what the hub sees from the outcomes of its calls.
 *
 * <p>Thread-safe; never blocks.
 */
@ProviderType
public interface HealthReporter {

    /** All is well (again). */
    void ok();

    /**
     * Works, but a person may want to look.
     *
     * @param reason what is wrong and what would help, one line, without secrets
     */
    void degraded(String reason);

    /**
     * Does not work and will not by itself. Stays until the instance is configured or installed anew.
     *
     * @param reason what was attempted, on what, and what a person can do, one line, without secrets
     */
    void failed(String reason);
}
