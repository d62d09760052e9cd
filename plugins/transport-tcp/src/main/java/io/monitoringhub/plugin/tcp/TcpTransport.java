package io.monitoringhub.plugin.tcp;

import io.monitoringhub.plugin.stream.StreamServer;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
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

    private final TcpConfig config;
    private Optional<StreamServer> server = Optional.empty();
    private volatile String address = "";

    @Activate
    public TcpTransport(TcpConfig config) {
        this.config = config;
    }

    @Override
    public void start(Ingest ingest) throws IOException, InterruptedException {
        TcpSettings settings = TcpSettings.from(config, path -> ingest.resolve(path.toString()));
        StreamServer started = StreamServer.start(ingest, new ListenAddress.Tcp(settings.address()), new TcpSockets(), settings.streams());
        server = Optional.of(started);
        address = Addresses.text(started.address());
        LOG.info("{}: listening on {}", ingest.id(), address);
    }

    @Override
    public void stop(Duration grace) throws InterruptedException {
        address = "";
        Optional<StreamServer> ending = server;
        server = Optional.empty();
        if (ending.isPresent()) {
            ending.get().stop(grace);
        }
    }

    /** How many connections were refused for this reason since the start. */
    long refused(String reason) {
        return server.map(running -> running.refused(reason)).orElse(0L);
    }

    @Override
    public String address() {
        return address;
    }
}
