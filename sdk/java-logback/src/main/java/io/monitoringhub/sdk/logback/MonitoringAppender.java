package io.monitoringhub.sdk.logback;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.monitoringhub.sdk.LogForwarder;
import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.SdkBuilder;
import java.util.Optional;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * Sends Logback's events. Their context has what is in the MDC, key-value pairs, markers, logger, thread and exception.
 *
 * <p>Properties {@code source}, {@code host}, {@code port} and {@code token} are those of the SDK; what is left out comes from its environment variables.
 * Thread-safe; the setters are Logback's, before {@code start}.
 */
public final class MonitoringAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

    private final SdkBuilder builder = MonitoringSdk.builder();
    private Optional<MonitoringSdk> given = Optional.empty();
    private Optional<MonitoringSdk> own = Optional.empty();
    private LogForwarder forwarder;

    /** Who sends. */
    public void setSource(String source) {
        builder.source(source);
    }

    /** Address of the hub, or the path of its Unix socket. */
    public void setHost(String host) {
        builder.host(host);
    }

    /** Its TCP port. */
    public void setPort(int port) {
        builder.port(port);
    }

    /** The shared secret. */
    public void setToken(String token) {
        builder.token(token);
    }

    /** Sends with this SDK instead of one of its own; it stays its maker's to close. */
    public void setSdk(MonitoringSdk sdk) {
        given = Optional.ofNullable(sdk);
    }

    @Override
    public void start() {
        if (!isStarted()) {
            own = given.isPresent() ? Optional.empty() : Optional.of(builder.build());
            forwarder = new LogForwarder(given.or(() -> own).orElseThrow());
            super.start();
        }
    }

    @Override
    public void stop() {
        super.stop();
        own.ifPresent(MonitoringSdk::close);
    }

    @Override
    protected void append(ILoggingEvent event) {
        forwarder.forward(level(event.getLevel()), event::getFormattedMessage, context -> {
            context.putAll(event.getMDCPropertyMap());
            if (event.getKeyValuePairs() != null) {
                for (KeyValuePair pair : event.getKeyValuePairs()) {
                    context.put(pair.key, pair.value);
                }
            }
            if (event.getMarkerList() != null) {
                context.put("markers", event.getMarkerList().stream().map(Marker::getName).toList());
            }
            context.put("logger", event.getLoggerName());
            context.put("thread", event.getThreadName());
            if (event.getThrowableProxy() != null) {
                context.put("exception", ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        });
    }

    private static String level(Level level) {
        return level.isGreaterOrEqual(Level.ERROR) ? "error" : level.isGreaterOrEqual(Level.WARN) ? "warn" : level.isGreaterOrEqual(Level.INFO) ? "info"
                : "debug";
    }
}
