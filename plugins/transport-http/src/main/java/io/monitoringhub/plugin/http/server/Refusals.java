package io.monitoringhub.plugin.http.server;

import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what is refused, by cause, and logs each cause the first time. Thread-safe. */
public final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private final String owner;
    private final Map<String, Long> byCause = new TreeMap<>();

    /** @param owner who refuses, for the log */
    public Refusals(String owner) {
        this.owner = owner;
    }

    /** One more. */
    public void count(String cause, String explanation) {
        long before;
        synchronized (byCause) {
            before = byCause.merge(cause, 1L, Long::sum);
        }
        if (before == 1) {
            LOG.warn("{}: refused ({}): {}. Further ones are counted only", owner, cause, explanation);
        } else {
            LOG.debug("{}: refused ({}): {}", owner, cause, explanation);
        }
    }

    /** How many of which cause: a copy. */
    public Map<String, Long> counts() {
        synchronized (byCause) {
            return new TreeMap<>(byCause);
        }
    }
}
