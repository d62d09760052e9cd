package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.server.Refusals;
import io.monitoringhub.plugin.http.server.WebConnector;
import io.monitoringhub.plugin.http.server.WebServer;
import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import io.monitoringhub.spi.transport.Transport;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages by HTTP requests, and lends its server to the HTTP Whiteboard.
 *
 * <p>Started and stopped by one thread at a time.
 */
@Component(service = Transport.class, configurationPid = "hub.transport.http", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=http")
@Designate(ocd = HttpConfig.class, factory = true)
public final class HttpTransport implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(HttpTransport.class);

    private final HttpConfig config;
    private final WebServer server;
    private Optional<WebConnector> connector = Optional.empty();
    private Optional<Listener> listener = Optional.empty();
    private Optional<IngestPoint> point = Optional.empty();
    private volatile String address = "";

    /** @param ingest only so that the servlet is there before the first request, and goes after the last */
    @Activate
    public HttpTransport(HttpConfig config, @Reference WebServer server, @Reference(target = "(hub.servlet=ingest)") Servlet ingest) {
        this.config = config;
        this.server = server;
    }

    @Override
    public void start(Ingest ingest) throws IOException, InterruptedException {
        HttpSettings settings = HttpSettings.from(config, ingest::resolve);
        Refusals refusals = new Refusals(ingest.id().toString());
        IngestPoint fresh = new IngestPoint(ingest, settings.bodies(), refusals);
        point = Optional.of(fresh);
        WebConnector opened = server.open(ingest.id().toString(), new WebConnector.Setup(settings.server(), settings.tls(), refusals,
                fresh::endSlowUploads, fresh::timeIsUp), IngestPoint.ATTRIBUTE, fresh);
        connector = Optional.of(opened);
        try {
            Listener open = ingest.listen(new ListenAddress.Tcp(settings.address()), new Receiver(ingest, opened));
            listener = Optional.of(open);
            address = text((InetSocketAddress) open.address());
        } finally {
            if (listener.isEmpty()) {
                stop(Duration.ZERO);
            }
        }
        LOG.info("{}: listening on {}{}", ingest.id(), address, settings.tls().isPresent() ? " with TLS" : "");
    }

    @Override
    public void stop(Duration grace) throws InterruptedException {
        address = "";
        Optional<WebConnector> ending = connector;
        listener.ifPresent(Listener::close);
        listener = Optional.empty();
        connector = Optional.empty();
        if (ending.isPresent()) {
            ending.get().stop(grace);
            point.ifPresent(HttpTransport::tellRefusals);
        }
    }

    private static void tellRefusals(IngestPoint ended) {
        if (!ended.refusals().counts().isEmpty()) {
            LOG.info("{}: refused since its start: {}", ended.ingest().id(), ended.refusals().counts());
        }
    }

    @Override
    public String address() {
        return address;
    }

    private static String text(InetSocketAddress socket) {
        String host = socket.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + socket.getPort();
    }

    /** Passes connections on. */
    private record Receiver(Ingest ingest, WebConnector connector) implements ConnectionReceiver {

        @Override
        public void connected(SocketChannel channel) {
            connector.take(channel);
        }

        @Override
        public void acceptFailed(IOException cause) {
            String problem = "cannot accept a connection: " + cause.getMessage() + ". If these are too many open files, raise LimitNOFILE or"
                    + " lower max_connections";
            LOG.warn("{}: {}", ingest.id(), problem);
            ingest.health().degraded(problem);
        }
    }
}
