package io.monitoringhub.plugin.httpbackend;

import io.monitoringhub.plugin.httpbackend.RequestTemplate.Header;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.spi.backend.WriteResult.Rejection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries by HTTP requests. Each write is sent at once and is durable when it is answered. A receiver that knows the headers tells entries
 * that come again by their offsets, however requests are cut; see {@link Sender}.
 *
 * <p>Used by one thread at a time.
 */
@Component(service = Backend.class, configurationPid = "hub.backend.http", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=http")
@Designate(ocd = HttpBackendConfig.class, factory = true)
public final class HttpBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(HttpBackend.class);

    private final HttpBackendConfig config;
    private BackendContext context;
    private HttpBackendSettings settings;
    private Outcomes outcomes;
    private HttpConnection connection;
    private Sender sender;
    private long next;
    /** Bytes of messages that a request may have; falls when the receiver says that one is too large. */
    private long most;
    /** What was refused of a batch that has not come to its end: a receiver tells it only once. */
    private final TreeMap<Long, Rejection> refused = new TreeMap<>();
    private Optional<Again> again = Optional.empty();

    /** @param config what a person wrote; read when the backend is opened */
    @Activate
    public HttpBackend(HttpBackendConfig config) {
        this.config = config;
    }

    /** Entries out of the order of offsets, and the key that they have until they are through. */
    private record Again(long first, long last, int size, String key) {

        boolean isOf(Batch batch) {
            return first == batch.offset(0) && last == batch.offset(batch.size() - 1) && size == batch.size();
        }
    }

    @Override
    public BatchLimits limits() {
        BatchLimits usual = BatchLimits.DEFAULT;
        return new BatchLimits(within(config::batch__entries, HttpBackendSettings.DEFAULT_ENTRIES, 1, HttpBackendSettings.MOST_ENTRIES),
                within(config::batch__bytes, HttpBackendSettings.DEFAULT_BYTES, HttpBackendSettings.LEAST_BYTES, HttpBackendSettings.MOST_BYTES),
                usual.linger(), usual.flushAfter());
    }

    /** A wrong value is no matter here: {@link #open} names it. */
    private static int within(Supplier<Integer> value, int standard, int least, int most) {
        try {
            return Math.max(least, Math.min(most, value.get()));
        } catch (RuntimeException unreadable) {
            return standard;
        }
    }

    @Override
    public long open(BackendContext given) throws DeliveryException, InterruptedException {
        close();
        context = given;
        settings = HttpBackendSettings.from(config, given.id().toString(), given::resolve);
        outcomes = new Outcomes(settings.url(), settings.isHub(), given.clock());
        Optional<SSLContext> tls = settings.url().getScheme().equals("https") ? Optional.of(tls()) : Optional.empty();
        connection = new HttpConnection(settings.url(), tls, settings.connectTimeout(), settings.timeout(), "hub-http-timer-" + given.id().name());
        next = given.committed();
        most = settings.batchBytes();
        refused.clear();
        again = Optional.empty();
        sender = Sender.of(given.state()).orElseGet(() -> Sender.beginning(next)).at(next);
        try {
            connection.connect();
        } catch (IOException unreachable) {
            throw outcomes.of(unreachable);
        }
        return next;
    }

    private SSLContext tls() throws PermanentDeliveryException {
        try {
            return settings.tls().context();
        } catch (IOException unfit) {
            throw new PermanentDeliveryException("cannot use the configuration of " + context.id() + ": tls: " + unfit.getMessage(), unfit);
        }
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
        boolean isInOrder = batch.offset(0) >= next && batch.logId().equals(context.logId());
        if (!isInOrder && again.filter(before -> before.isOf(batch)).isEmpty()) {
            again = Optional.of(new Again(batch.offset(0), batch.offset(batch.size() - 1), batch.size(), UUID.randomUUID().toString()));
        }
        for (int from = 0; from < batch.size();) {
            int to = end(batch, from, isInOrder);
            from = send(batch, from, to, isInOrder) ? to : from;
        }
        if (isInOrder) {
            next = batch.offset(batch.size() - 1) + 1;
        }
        again = Optional.empty();
        return result(batch);
    }

    private WriteResult result(Batch batch) {
        if (refused.isEmpty()) {
            return WriteResult.allWritten();
        }
        List<Rejection> rejections = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            Rejection rejection = refused.remove(batch.offset(i));
            if (rejection != null) {
                rejections.add(rejection);
            }
        }
        return new WriteResult(rejections, List.of());
    }

    /** Where the request that begins at an index ends. */
    private int end(Batch batch, int from, boolean isInOrder) {
        boolean ofOneSource = settings.template().namesSource();
        boolean isReplay = sender.isReplay(batch.offset(from));
        long bytes = batch.length(from) + 1L;
        int runs = 1;
        for (int to = from + 1; to < batch.size(); to++) {
            bytes += batch.length(to) + 1L;
            runs += batch.offset(to) - batch.offset(to - 1) > 1 ? 1 : 0;
            boolean isOther = ofOneSource && !batch.source(to).equals(batch.source(from))
                    || isInOrder && sender.isReplay(batch.offset(to)) != isReplay;
            if (bytes > most || runs > Passage.MOST_RUNS || isOther) {
                return to;
            }
        }
        return batch.size();
    }

    /** @return whether the entries are through; else they must be cut smaller */
    private boolean send(Batch batch, int from, int to, boolean isInOrder) throws DeliveryException, InterruptedException {
        String name = sender.name(context.logId(), context.id().name(), batch.offset(from));
        String key = isInOrder ? name + ":" + batch.offset(from) + "-" + batch.offset(to - 1) + ":" + (to - from)
                : again.orElseThrow().key() + ":" + from + "-" + to;
        Passage passage = new Passage(batch, from, to, key, context.id().name());
        List<Header> headers = new ArrayList<>();
        headers.add(new Header("Idempotency-Key", key));
        if (isInOrder) {
            headers.add(new Header("Monitoring-Hub-Sender", name));
            headers.add(new Header("Monitoring-Hub-Offsets", passage.offsets()));
        }
        byte[] body = settings.template().body(passage);
        HttpAnswer answer;
        try {
            answer = connection.exchange(expected -> settings.template().head(passage, headers, body.length, expected), body);
        } catch (IOException broken) {
            throw outcomes.of(broken);
        }
        if (answer.status() == 413) {
            return tooLarge(answer, passage);
        }
        outcomes.of(answer, passage).forEach(each -> refused.put(each.offset(), each));
        return true;
    }

    private boolean tooLarge(HttpAnswer answer, Passage passage) {
        if (passage.size() == 1) {
            refused.put(passage.firstOffset(), outcomes.tooLarge(answer, passage));
            return true;
        }
        long bytes = 0;
        for (int i = passage.from(); i < passage.to(); i++) {
            bytes += passage.batch().length(i) + 1L;
        }
        most = bytes / 2;
        LOG.info("{}: requests with {} bytes of messages are too large for {}; they have at most {} from now on. batch_bytes sets that",
                context.id(), bytes, settings.url().getHost(), most);
        return false;
    }

    @Override
    public Commit flush(long upTo) {
        sender = sender.committed(upTo);
        return new Commit(upTo, sender.state());
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
