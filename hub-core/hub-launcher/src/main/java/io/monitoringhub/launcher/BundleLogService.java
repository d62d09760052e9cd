package io.monitoringhub.launcher;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LogService;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.slf4j.event.Level;

/**
 * OSGi's log service, straight to SLF4J: Declarative Services and the like write into the hub's log, at the levels that are set there. There
 * before the first bundle starts. Errors and warnings among the framework's events are told, too.
 *
 * <p>Thread-safe.
 */
final class BundleLogService implements LogService {

    private final String bundle;

    private BundleLogService(Bundle bundle) {
        this.bundle = bundle.getSymbolicName();
    }

    /** Offers it to all bundles, each its own. */
    static void register(BundleContext framework) {
        framework.registerService(new String[] {LogService.class.getName(), LoggerFactory.class.getName()}, new ServiceFactory<LogService>() {

            @Override
            public LogService getService(Bundle bundle, ServiceRegistration<LogService> registration) {
                return new BundleLogService(bundle);
            }

            @Override
            public void ungetService(Bundle bundle, ServiceRegistration<LogService> registration, LogService service) {
                // it holds nothing
            }
        }, null);
        framework.addFrameworkListener(BundleLogService::tell);
    }

    /** A hub that could not start has said why; whoever wanted it says it again, with stack traces. */
    static boolean isSilent() {
        return System.getProperty(HubProcess.EXIT_CODE) != null;
    }

    private static void tell(FrameworkEvent event) {
        boolean isError = event.getType() == FrameworkEvent.ERROR;
        if (!isSilent() && (isError || event.getType() == FrameworkEvent.WARNING)) {
            org.slf4j.LoggerFactory.getLogger(event.getBundle().getSymbolicName()).atLevel(isError ? Level.ERROR : Level.WARN)
                    .setCause(event.getThrowable()).log("the framework tells of {}", event.getBundle());
        }
    }

    @Override
    public Logger getLogger(String name) {
        return getLogger(name, Logger.class);
    }

    @Override
    public Logger getLogger(Class<?> type) {
        return getLogger(type.getName());
    }

    @Override
    public <L extends Logger> L getLogger(Class<?> type, Class<L> kind) {
        return getLogger(type.getName(), kind);
    }

    @Override
    public <L extends Logger> L getLogger(Bundle other, String name, Class<L> kind) {
        return getLogger(name, kind);
    }

    @Override
    public <L extends Logger> L getLogger(String name, Class<L> kind) {
        return kind.cast(new BundleLogger(org.slf4j.LoggerFactory.getLogger(name), kind == FormatterLogger.class));
    }

    @Override
    @Deprecated
    public void log(int level, String message) {
        log(null, level, message, null);
    }

    @Override
    @Deprecated
    public void log(int level, String message, Throwable cause) {
        log(null, level, message, cause);
    }

    @Override
    @Deprecated
    public void log(ServiceReference<?> service, int level, String message) {
        log(service, level, message, null);
    }

    @Override
    @Deprecated
    public void log(ServiceReference<?> service, int level, String message, Throwable cause) {
        String text = service == null ? message : message + " " + service;
        org.osgi.service.log.Logger log = getLogger(bundle);
        switch (level) {
            case LOG_ERROR -> log.error("{}", text, cause);
            case LOG_WARNING -> log.warn("{}", text, cause);
            case LOG_INFO -> log.info("{}", text, cause);
            default -> log.debug("{}", text, cause);
        }
    }
}
