package io.monitoringhub.plugin.tcp;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes newline-terminated JSON messages over TCP. Back-pressure is made by not reading.
 *
 * <p>Started and stopped by one thread at a time.
 */
@Component(service = Transport.class, configurationPid = "hub.transport.tcp", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=tcp")
@Designate(ocd = TcpConfig.class, factory = true)
public final class TcpTransport implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(TcpTransport.class);
    /** Enough for threads that have nothing to do to end. */
    private static final Duration END_OF_THREADS = Duration.ofSeconds(1);

    private final TcpConfig config;
    private Optional<Loops> loops = Optional.empty();
    private Optional<Listener> listener = Optional.empty();
    private Optional<Connections> connections = Optional.empty();
    private volatile String address = "";

    @Activate
    public TcpTransport(TcpConfig config) {
        this.config = config;
    }

    @Override
    public void start(Ingest ingest) throws IOException, InterruptedException {
        TcpSettings settings = TcpSettings.from(config);
        Connections accepted = new Connections(ingest, settings.maxConnections());
        Loops threads = new Loops(ingest.id().threadName(), settings.ioThreads());
        loops = Optional.of(threads);
        connections = Optional.of(accepted);
        try {
            Listener open = Listener.open(ingest, settings, threads, accepted);
            listener = Optional.of(open);
            address = Addresses.text(open.address());
        } finally {
            if (listener.isEmpty()) {
                stop(Duration.ZERO);
            }
        }
        LOG.info("{}: listening on {}", ingest.id(), address);
    }

    @Override
    public void stop(Duration grace) throws InterruptedException {
        address = "";
        try {
            if (listener.isPresent()) {
                listener.get().close();
                connections.get().drain(grace);
            }
        } finally {
            Optional<Loops> ending = loops;
            Optional<Connections> left = connections;
            listener = Optional.empty();
            connections = Optional.empty();
            loops = Optional.empty();
            try {
                if (ending.isPresent()) {
                    ending.get().stop(END_OF_THREADS);
                }
            } finally {
                left.ifPresent(Connections::endLeft);
            }
        }
    }

    @Override
    public String address() {
        return address;
    }
}
