package io.monitoringhub.runtime.engine;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.codec.Codec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The codecs that are installed. Of two of one name the one that came first is used while it is there. Thread-safe. */
final class Codecs {

    private static final Logger LOG = LoggerFactory.getLogger(Codecs.class);
    private static final String TYPE = "hub.type";

    /** As long as plugins are waited for in all, and some: it is no more than a guard. */
    private static final long LONGEST_WAIT_SECONDS = 30;

    /** Open when the plugins that lay there at the start are there. */
    private final CountDownLatch start = new CountDownLatch(1);
    private final Map<String, List<Codec>> byName = new ConcurrentHashMap<>();

    void add(Map<String, Object> properties, Codec codec) {
        if (properties.get(TYPE) instanceof String name && ComponentId.isType(name)) {
            List<Codec> known = byName.computeIfAbsent(name, first -> new CopyOnWriteArrayList<>());
            // SCR can bind a service twice that comes while the component comes up.
            if (!known.contains(codec)) {
                known.add(codec);
                LOG.info("codec {} is there", name);
            }
        } else {
            LOG.warn("a codec without a name is ignored: {}. It needs the service property {}", properties.get("component.name"), TYPE);
        }
    }

    void remove(Codec codec) {
        byName.forEach((name, codecs) -> {
            if (codecs.remove(codec)) {
                LOG.info("codec {} has gone", name);
            }
        });
    }

    /** No codec is waited for any more. */
    void allAreThere() {
        start.countDown();
    }

    /** A hub that has just started waits with its answer while plugins are still coming: "no such codec" would be a lie, and lose the message. */
    Optional<Codec> find(String name) {
        Optional<Codec> known = known(name);
        try {
            if (known.isPresent() || start.getCount() == 0 || !start.await(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                return known;
            }
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
            return known;
        }
        return known(name);
    }

    private Optional<Codec> known(String name) {
        return byName.getOrDefault(name, List.of()).stream().findFirst();
    }
}
