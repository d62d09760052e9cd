package io.monitoringhub.launcher;

import org.apache.felix.framework.Logger;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.slf4j.LoggerFactory;

/**
 * Sends what the framework itself has to say to SLF4J instead of standard output.
 *
 * <p>Thread-safe.
 */
final class FrameworkLogger extends Logger {

    private final org.slf4j.Logger log = LoggerFactory.getLogger("org.apache.felix.framework");

    @Override
    @SuppressWarnings("rawtypes")
    protected void doLog(Bundle bundle, ServiceReference reference, int level, String message, Throwable cause) {
        String text = bundle == null ? message : bundle + ": " + message;
        switch (level) {
            case LOG_ERROR -> log.error(text, cause);
            case LOG_WARNING -> log.warn(text, cause);
            case LOG_INFO -> log.info(text, cause);
            default -> log.debug(text, cause);
        }
    }
}
