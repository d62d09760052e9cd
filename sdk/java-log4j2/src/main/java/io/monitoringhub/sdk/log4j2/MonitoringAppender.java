package io.monitoringhub.sdk.log4j2;

import io.monitoringhub.sdk.LogForwarder;
import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.SdkBuilder;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.Core;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.config.plugins.PluginAttribute;
import org.apache.logging.log4j.core.config.plugins.PluginElement;
import org.apache.logging.log4j.core.config.plugins.PluginFactory;

/**
 * Sends Log4j's events: {@code <Monitoring name=".." source=".."/>}. Their context has what is in the thread context, marker, logger, thread and exception.
 *
 * <p>Attributes {@code source}, {@code host}, {@code port} and {@code token} are those of the SDK; what is left out comes from its environment variables.
 * Thread-safe.
 */
@Plugin(name = "Monitoring", category = Core.CATEGORY_NAME, elementType = Appender.ELEMENT_TYPE)
public final class MonitoringAppender extends AbstractAppender {

    private final MonitoringSdk sdk;
    private final boolean isOwn;
    private final LogForwarder forwarder;

    /** Sends with this SDK, which stays its maker's to close. */
    public MonitoringAppender(String name, MonitoringSdk sdk) {
        this(name, null, sdk, false);
    }

    private MonitoringAppender(String name, Filter filter, MonitoringSdk sdk, boolean isOwn) {
        super(name, filter, null, true, Property.EMPTY_ARRAY);
        this.sdk = sdk;
        this.isOwn = isOwn;
        forwarder = new LogForwarder(sdk);
    }

    /** What Log4j calls for an element of its configuration; 0 is no port. */
    @PluginFactory
    public static MonitoringAppender createAppender(@PluginAttribute("name") String name, @PluginElement("Filter") Filter filter,
            @PluginAttribute("source") String source, @PluginAttribute("host") String host, @PluginAttribute("port") int port,
            @PluginAttribute("token") String token) {
        SdkBuilder builder = MonitoringSdk.builder();
        if (source != null) {
            builder.source(source);
        }
        if (host != null) {
            builder.host(host);
        }
        if (port != 0) {
            builder.port(port);
        }
        if (token != null) {
            builder.token(token);
        }
        return new MonitoringAppender(name == null ? "Monitoring" : name, filter, builder.build(), true);
    }

    @Override
    public void append(LogEvent event) {
        forwarder.forward(level(event.getLevel()), () -> event.getMessage().getFormattedMessage(), context -> {
            event.getContextData().forEach(context::put);
            if (event.getMarker() != null) {
                context.put("marker", event.getMarker().getName());
            }
            context.put("logger", event.getLoggerName());
            context.put("thread", event.getThreadName());
            if (event.getThrown() != null) {
                context.put("exception", LogForwarder.text(event.getThrown()));
            }
        });
    }

    private static String level(Level level) {
        return level.isMoreSpecificThan(Level.FATAL) ? "fatal" : level.isMoreSpecificThan(Level.ERROR) ? "error"
                : level.isMoreSpecificThan(Level.WARN) ? "warn" : level.isMoreSpecificThan(Level.INFO) ? "info" : "debug";
    }

    @Override
    public boolean stop(long timeout, TimeUnit unit) {
        boolean stopped = super.stop(timeout, unit);
        if (isOwn) {
            sdk.close();
        }
        return stopped;
    }
}
