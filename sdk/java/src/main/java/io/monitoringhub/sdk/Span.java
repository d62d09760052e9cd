package io.monitoringhub.sdk;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An open span for try-with-resources; closing it ends the span. Without a word it ends {@code ok}; a block that can fail says so:
 *
 * <pre>{@code
 * try (Span span = sdk.span("load file")) {
 *     span.tag("rows", load());
 * }
 * }</pre>
 *
 * Thread-safe.
 */
public final class Span implements AutoCloseable {

    private final MonitoringSdk sdk;
    private final String id;
    private final Object lock = new Object();
    private final Map<String, Object> tags = new LinkedHashMap<>();
    private String status = "ok";
    private boolean ended;

    Span(MonitoringSdk sdk, String id) {
        this.sdk = sdk;
        this.id = id;
    }

    /** Its id, to be given to another thread or process. */
    public String id() {
        return id;
    }

    /** Says how it went; null counts as {@code ok}. */
    public Span status(String outcome) {
        synchronized (lock) {
            status = outcome == null ? "ok" : outcome;
        }
        return this;
    }

    /** Adds a tag to what is sent at the end. */
    public Span tag(String key, Object value) {
        synchronized (lock) {
            tags.put(key, value);
        }
        return this;
    }

    /** Ends the span; only the first time. */
    @Override
    public void close() {
        Map<String, Object> copy;
        String outcome;
        synchronized (lock) {
            if (ended) {
                return;
            }
            ended = true;
            copy = new LinkedHashMap<>(tags);
            outcome = status;
        }
        sdk.endSpan(id, outcome, copy);
    }
}
