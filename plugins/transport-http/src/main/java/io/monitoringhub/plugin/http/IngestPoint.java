package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.server.Refusals;
import io.monitoringhub.spi.transport.Ingest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What one instance of the transport has for its requests. Thread-safe. */
final class IngestPoint {

    /** The request's attribute that has it. */
    static final String ATTRIBUTE = "io.monitoringhub.http.point";

    /** Of the bodies of all requests at the same time; a body alone can have more, if the configuration wants it. */
    private static final long MOST_BODY_BYTES = 64L << 20;

    private final Ingest ingest;
    private final BodyLimits limits;
    private final Refusals refusals;
    private final BodyBudget budget;
    private final Set<Upload> uploads = ConcurrentHashMap.newKeySet();
    private volatile boolean isTimeUp;

    IngestPoint(Ingest ingest, BodyLimits limits, Refusals refusals) {
        this.ingest = ingest;
        this.limits = limits;
        this.refusals = refusals;
        this.budget = new BodyBudget(Math.max(MOST_BODY_BYTES, limits.maxBytes()));
    }

    Ingest ingest() {
        return ingest;
    }

    BodyLimits limits() {
        return limits;
    }

    Refusals refusals() {
        return refusals;
    }

    BodyBudget budget() {
        return budget;
    }

    void began(Upload upload) {
        uploads.add(upload);
    }

    void ended(Upload upload) {
        uploads.remove(upload);
    }

    /** The instance has ended, and connections are closed under the uploads that are left. */
    void timeIsUp() {
        isTimeUp = true;
    }

    boolean isTimeUp() {
        return isTimeUp;
    }

    /** Ends uploads that do not get on. */
    void endSlowUploads() {
        long now = System.nanoTime();
        uploads.forEach(upload -> upload.endIfSlow(now));
    }
}
