package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.plugin.elasticsearch.BulkAnswer.Failure;
import io.monitoringhub.plugin.elasticsearch.Cluster.Reply;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.spi.backend.WriteResult.Rejection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries as documents of Elasticsearch or OpenSearch. An entry's log id and offset are the document's id, and its time of receipt names the
 * index, so that one that comes again is found to be there. A bulk answer means that the servers have it on disk: there is nothing to flush.
 *
 * <p>Used by one thread at a time.
 */
@Component(service = Backend.class, configurationPid = "hub.backend.elasticsearch", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=elasticsearch")
@Designate(ocd = ElasticsearchConfig.class, factory = true)
public final class ElasticsearchBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(ElasticsearchBackend.class);
    private static final int MAX_ENTRIES = 20_000;
    private static final int USUAL_LINGER_MS = 100;
    private static final String BULK = "/_bulk?filter_path=" + BulkAnswer.FILTER;

    private final ElasticsearchConfig config;
    private BackendContext context;
    private Cluster cluster;
    private Product product;
    private BulkRequest request;
    private boolean isDegraded;

    /** @param config what a person wrote; read when the backend is opened */
    @Activate
    public ElasticsearchBackend(ElasticsearchConfig config) {
        this.config = config;
    }

    @Override
    public BatchLimits limits() {
        BatchLimits usual = BatchLimits.DEFAULT;
        return new BatchLimits(MAX_ENTRIES, usual.maxBytes(), Duration.ofMillis(lingerMs()), usual.flushAfter());
    }

    /** A wrong value is no matter here: {@link #open} names it. */
    private int lingerMs() {
        try {
            return Math.max(0, Math.min(ElasticsearchSettings.MAX_LINGER_MS, config.linger__ms()));
        } catch (RuntimeException e) {
            return USUAL_LINGER_MS;
        }
    }

    @Override
    public long open(BackendContext given) throws DeliveryException, InterruptedException {
        close();
        context = given;
        isDegraded = false;
        ElasticsearchSettings settings = ElasticsearchSettings.from(config, given.id().toString(), given::resolve);
        if (settings.isUnverified()) {
            LOG.warn("{}: tls.verify is none: whoever answers is taken for the server, and is told the credentials", given.id());
        }
        cluster = new Cluster(settings, Connections.open(settings, given.id().threadName()), given.clock(), System::nanoTime);
        product = Product.of(cluster);
        if (settings.keepsTemplate()) {
            if (!product.hasTemplates()) {
                throw new PermanentDeliveryException(product.name() + " has no composable index templates: expected 7.8 or later, or template:"
                        + " false and a template that you put yourself");
            }
            new IndexTemplate(settings, product).ensure(cluster);
        }
        request = new BulkRequest(settings);
        LOG.info("{} writes to {} at {}, index {}, from offset {} on", given.id(), product.name(), settings.hosts(), settings.index(),
                given.committed());
        return given.committed();
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
        if (cluster == null) {
            throw new IllegalStateException("the backend is not open");
        }
        Outcome outcome = new Outcome(batch);
        for (int next = 0; next < batch.size();) {
            next = request.fill(batch, next, outcome.rejected);
            if (request.count() > 0) {
                send(outcome);
            }
        }
        return outcome.result();
    }

    private void send(Outcome outcome) throws DeliveryException, InterruptedException {
        String attempt = "write to " + product.name();
        Reply reply = cluster.ask("POST", BULK, request.body());
        if (reply.status() != 200) {
            throw Verdict.ofRequest(attempt + " at " + reply.node(), BulkAnswer.error(reply.status(), reply.answer().body()),
                    reply.retryAfter());
        }
        BulkAnswer answer;
        try {
            answer = BulkAnswer.read(reply.answer().body());
        } catch (IOException e) {
            throw new TransientDeliveryException("cannot " + attempt + ": " + reply.node() + " gives an answer that is not understood: "
                    + e.getMessage(), e);
        }
        if (answer.items() != request.count()) {
            throw new TransientDeliveryException("cannot " + attempt + ": " + reply.node() + " answers for " + answer.items() + " of "
                    + request.count() + " entries", null);
        }
        for (Failure failure : answer.failures()) {
            outcome.take(failure, request.entry(failure.index()));
        }
        outcome.written += request.count();
    }

    /** What became of a batch, request by request. */
    private final class Outcome {
        private final Batch batch;
        private final List<Rejection> rejected = new ArrayList<>();
        private final List<Long> retry = new ArrayList<>();
        private int written;
        private String why = "";

        Outcome(Batch batch) {
            this.batch = batch;
        }

        void take(Failure failure, int entry) throws PermanentDeliveryException {
            Verdict verdict = Verdict.ofItem(failure);
            switch (verdict.kind()) {
                case WRITTEN -> { }
                case REJECTED -> {
                    written--;
                    rejected.add(new Rejection(batch.offset(entry), "mapping", verdict.words()));
                }
                case LATER -> {
                    written--;
                    retry.add(batch.offset(entry));
                    why = verdict.words();
                }
                case STOP -> throw new PermanentDeliveryException("cannot write to " + product.name() + ": " + verdict.words());
            }
        }

        WriteResult result() throws TransientDeliveryException {
            if (!retry.isEmpty() && written == 0 && rejected.isEmpty()) {
                throw new TransientDeliveryException("cannot write to " + product.name() + ": " + why, null);
            }
            if (!retry.isEmpty()) {
                isDegraded = true;
                context.health().degraded(product.name() + " took a part only: " + why);
            } else if (isDegraded) {
                isDegraded = false;
                context.health().ok();
            }
            return new WriteResult(rejected, retry);
        }
    }

    @Override
    public void close() {
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
    }
}
