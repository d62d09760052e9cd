package io.monitoringhub.sdk;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which trace and span the calling thread is in. Each thread has its own innermost open span; the trace set for the whole SDK holds where a thread has none.
 * A span may be ended by any thread: those that still have it as their innermost notice when they look. Thread-safe.
 */
final class Traces {

    private static final int MOST_OPEN = 10_000;
    private static final int DEEPEST = 1_000;

    /** An open span. Immutable but for {@code ended} and its way out. Thread-safe. */
    static final class OpenSpan {
        final String id;
        final String trace;
        final String parent;
        final String name;
        final long start;
        private final byte[] ids;
        private final int depth;
        private OpenSpan outer;
        private volatile boolean ended;

        OpenSpan(String id, String trace, String parent, String name, long start, OpenSpan outer) {
            this.id = id;
            this.trace = trace;
            this.parent = parent;
            this.name = name;
            this.start = start;
            this.depth = outer == null ? 0 : outer.depth + 1;
            this.outer = depth > DEEPEST ? null : outer;
            this.ids = Messages.ids(trace, id, "");
        }
    }

    private final ThreadLocal<OpenSpan> innermost = new ThreadLocal<>();
    private final Map<String, OpenSpan> open = new ConcurrentHashMap<>();
    private final String environmentTrace;
    private final String environmentParent;
    // Secure random numbers once, then each id from a counter: unique in here, and cheap.
    private final UUID seed = UUID.randomUUID();
    private final AtomicLong counter = new AtomicLong();
    private volatile String trace;
    private volatile byte[] ids;

    Traces(String trace, String parent) {
        this.environmentTrace = trace;
        this.environmentParent = parent;
        setTrace(trace);
    }

    void setTrace(String id) {
        trace = id;
        ids = Messages.ids(id, environmentParent, "");
    }

    /** What a message of the calling thread says about where it belongs. */
    byte[] ids() {
        OpenSpan span = current();
        return span == null ? ids : span.ids;
    }

    String traceId() {
        OpenSpan span = current();
        return span == null ? trace : span.trace;
    }

    String spanId() {
        OpenSpan span = current();
        return span == null ? environmentParent : span.id;
    }

    /** Opens a span for the calling thread; {@code inTrace} and {@code below} may be empty. */
    OpenSpan start(String name, String inTrace, String below) {
        OpenSpan outer = current();
        String chosen = !inTrace.isEmpty() ? inTrace : outer != null ? outer.trace : !trace.isEmpty() ? trace : id() + id();
        String parent = below;
        if (parent.isEmpty() && outer != null && outer.trace.equals(chosen)) {
            parent = outer.id;
        } else if (parent.isEmpty() && outer == null && chosen.equals(environmentTrace)) {
            // The span that another process has opened for this one.
            parent = environmentParent;
        }
        OpenSpan span = new OpenSpan(id(), chosen, parent, name, System.currentTimeMillis(), outer);
        if (open.size() < MOST_OPEN) {
            open.put(span.id, span);
        }
        innermost.set(span);
        return span;
    }

    /** Ends a span of any thread; an empty id means the calling thread's innermost. One that is not known was opened by another process. */
    OpenSpan end(String id) {
        OpenSpan inner = current();
        String wanted = !id.isEmpty() ? id : inner == null ? "" : inner.id;
        OpenSpan span = open.remove(wanted);
        if (span == null && inner != null && inner.id.equals(wanted)) {
            span = inner;
        }
        if (span == null) {
            String known = traceId();
            return new OpenSpan(wanted, known.isEmpty() ? "unknown" : known, "", "", 0, null);
        }
        span.ended = true;
        current();
        return span;
    }

    /** The calling thread's innermost span that is still open, or null. */
    private OpenSpan current() {
        OpenSpan span = innermost.get();
        if (span == null || !span.ended) {
            return span;
        }
        while (span != null && span.ended) {
            span = span.outer;
        }
        if (span == null) {
            // Nothing of ours stays in threads that are not ours.
            innermost.remove();
        } else {
            innermost.set(span);
        }
        return span;
    }

    private String id() {
        long mixed = seed.getLeastSignificantBits() + counter.incrementAndGet() * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        mixed ^= mixed >>> 31 ^ seed.getMostSignificantBits();
        String hex = Long.toHexString(mixed);
        return "0".repeat(16 - hex.length()) + hex;
    }
}
