package io.monitoringhub.runtime.engine;

import io.monitoringhub.correlation.merge.MergedSpans;
import io.monitoringhub.ingest.IngestEngine;
import io.monitoringhub.ingest.OwnClient;
import io.monitoringhub.log.Log;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Receipt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds merged spans to the log as an acknowledged client of the hub's own, whose numbers follow from offsets: what the log and the checkpoint of
 * clients say about such numbers is what tells a stored span from one that is not, over any kill of the hub.
 *
 * <p>Used by one thread at a time.
 */
final class StoredSpans implements MergedSpans {

    private static final Logger LOG = LoggerFactory.getLogger(StoredSpans.class);
    private static final ComponentId WHO = new ComponentId(Kind.TRANSPORT, "correlation", "spans");

    private final OwnClient client;

    /** Who was not known begins with what comes from now on. */
    StoredSpans(IngestEngine ingest, Log log) {
        client = new OwnClient(ingest, WHO, new Peer("the hub itself"),
                UUID.nameUUIDFromBytes(("merged spans of log " + log.id()).getBytes(StandardCharsets.UTF_8)));
        if (!client.isKnown()) {
            LOG.info("spans that are complete from offset {} on are added to the log as one message each", log.durableOffset());
            client.settle(log.durableOffset());
        }
    }

    @Override
    public long settled() {
        return client.settled();
    }

    @Override
    public void settle(long offset) {
        client.settle(offset);
    }

    @Override
    public long store(long first, List<Long> runs, ByteBuffer lines) throws IOException, InterruptedException {
        Receipt receipt = client.store(first, runs, lines);
        receipt.refusals().stream().findFirst().ifPresent(refused -> LOG.debug("a merged span is refused: {}", refused.reason()));
        return receipt.refused();
    }
}
