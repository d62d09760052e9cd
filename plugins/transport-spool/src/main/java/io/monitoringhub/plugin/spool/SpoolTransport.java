package io.monitoringhub.plugin.spool;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Transport;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the files that SDKs and scripts leave in folders, each exactly once: protocol/SPOOL.md.
 *
 * <p>Started and stopped by one thread at a time; one thread of its own does the work.
 */
@Component(service = Transport.class, configurationPid = "hub.transport.spool", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=spool")
@Designate(ocd = SpoolConfig.class, factory = true)
public final class SpoolTransport implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolTransport.class);
    private static final String FLOCK = "flock";

    private final SpoolConfig config;
    private Optional<SpoolWorker> worker = Optional.empty();
    private volatile String address = "";

    @Activate
    public SpoolTransport(SpoolConfig config) {
        this.config = config;
    }

    @Override
    public void start(Ingest ingest) {
        SpoolSettings settings = SpoolSettings.from(config);
        List<String> places = settings.paths().stream().map(path -> ingest.resolve(path).normalize().toString()).toList();
        Problems problems = new Problems(ingest.id(), ingest.health());
        Look look = new Look(settings, new FileSubmission(ingest, settings, FileSubmission.PIECE_BYTES), new Locks(FLOCK), Clock.systemUTC(), problems);
        SpoolWorker started = new SpoolWorker(ingest.id().threadName(), new Folders(settings.paths(), ingest::resolve), look, problems,
                settings.poll());
        worker = Optional.of(started);
        started.start();
        address = places.stream().collect(Collectors.joining(", "));
        LOG.info("{}: taking files from {}", ingest.id(), address);
    }

    @Override
    public void stop(Duration grace) throws InterruptedException {
        address = "";
        Optional<SpoolWorker> ending = worker;
        worker = Optional.empty();
        if (ending.isPresent()) {
            ending.get().stop(grace);
        }
    }

    @Override
    public String address() {
        return address;
    }
}
