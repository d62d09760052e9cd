package io.monitoringhub.sdk;

import io.monitoringhub.sdk.direct.BackendHealth;
import io.monitoringhub.sdk.direct.BackendResult;
import io.monitoringhub.sdk.direct.DirectSender;
import io.monitoringhub.sdk.internal.Counters;
import io.monitoringhub.sdk.internal.Loss;
import io.monitoringhub.sdk.internal.Outlet;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Sends what an application has to say to a Monitoring Hub.
 *
 * <pre>{@code
 * try (MonitoringSdk sdk = MonitoringSdk.builder().source("queue-service").build()) {
 *     sdk.logEvent("info", "Job started", Map.of("job_id", "12345"));
 *     try (Span span = sdk.span("load file")) {
 *         sdk.logMetric("rows", 4_000, "rows", Map.of("table", "orders"));
 *     }
 * }
 * }</pre>
 *
 * <p>No call throws, and none but {@link #flush} and {@link #close} waits: a message is written into a byte array and handed to a daemon thread named
 * {@code monitoring-sdk-<source>}. Arguments may be null, of any size and of any type. What can't be delivered is kept, in memory and then on disk; what
 * is lost all the same is counted in {@link #stats}. The README beside the source says what is guaranteed and where that ends.
 *
 * <p>One instance for a process is enough. Thread-safe.
 */
public final class MonitoringSdk implements AutoCloseable {

    /** The version of this SDK. */
    public static final String VERSION = "1.0.0";

    private static final Map<String, String> LEVELS = Map.ofEntries(Map.entry("debug", "debug"), Map.entry("info", "info"),
            Map.entry("warn", "warn"), Map.entry("error", "error"), Map.entry("fatal", "fatal"), Map.entry("trace", "debug"),
            Map.entry("notice", "info"), Map.entry("warning", "warn"), Map.entry("err", "error"), Map.entry("severe", "error"),
            Map.entry("crit", "fatal"), Map.entry("critical", "fatal"));

    private final Counters counters;
    private final Messages messages;
    private final Outlet sender;
    private final Traces traces;
    private final Duration closeTimeout;
    private final Thread shutdown;
    private final Jobs jobs = new Jobs(this);
    private final HostUsage usage = new HostUsage();
    private final Reporter reporter;
    private final Object contextLock = new Object();
    private volatile Map<String, Object> context;
    private volatile boolean closed;

    MonitoringSdk(String source, Outlet outlet, Messages messages, Traces traces, Map<String, ?> context, Counters counters, Duration closeTimeout,
            Duration shutdownTimeout, Duration resourceInterval) {
        this.messages = messages;
        this.traces = traces;
        this.context = new LinkedHashMap<>(context);
        this.counters = counters;
        this.closeTimeout = closeTimeout;
        this.sender = outlet;
        this.reporter = new Reporter(source, resourceInterval,
                () -> resource(() -> usage.numbers(null, null, null, null, Map.of(), Integer.MAX_VALUE)), counters);
        this.shutdown = new Thread(() -> end(shutdownTimeout), "monitoring-sdk-" + source + "-shutdown");
    }

    MonitoringSdk start() {
        if (sender.start()) {
            reporter.start();
            try {
                Runtime.getRuntime().addShutdownHook(shutdown);
            } catch (IllegalStateException alreadyShuttingDown) {
                counters.error("the process is ending: what close does not send is lost");
            }
        }
        return this;
    }

    /** Begins to describe an SDK. */
    public static SdkBuilder builder() {
        return new SdkBuilder(System.getenv());
    }

    /** Something happened. {@code level} is debug, info, warn, error or fatal, or a usual synonym; anything else is info. */
    public void logEvent(String level, String message, Map<String, ?> context) {
        String known = LEVELS.get(level == null ? "" : level);
        String word = known != null ? known : level == null ? "info" : LEVELS.getOrDefault(level.toLowerCase(Locale.ROOT), "info");
        Map<String, Object> base = this.context;
        emit("event", traces.ids(), line -> line.raw("\"level\":\"").raw(word).raw("\",\"msg\":").text(message).raw(",\"ctx\":")
                .object(base, context));
    }

    /** Something happened. */
    public void logEvent(String level, String message) {
        logEvent(level, message, Map.of());
    }

    /** Something was measured. A value that is no finite number, or an empty name, makes an event of level warn instead: the hub takes only numbers. */
    public void logMetric(String name, Number value, String unit, Map<String, ?> tags) {
        if (name == null || name.isEmpty() || value == null || !Double.isFinite(value.doubleValue())) {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("name", name);
            said.put("value", value);
            said.put("unit", unit);
            said.put("tags", tags);
            logEvent("warn", "metric without a number", said);
            return;
        }
        emit("metric", traces.ids(), line -> {
            line.raw("\"name\":").text(name).raw(",\"value\":");
            number(line, value).raw(",\"unit\":").text(unit).raw(",\"tags\":").object(Map.of(), tags);
        });
    }

    /** Something was measured. */
    public void logMetric(String name, Number value) {
        logMetric(name, value, "", Map.of());
    }

    private static LineWriter number(LineWriter line, Number value) {
        return value instanceof Integer || value instanceof Long ? line.number(value.longValue()) : line.number(value.doubleValue());
    }

    /** How far a job is; {@code percent} is brought into 0 to 100. */
    public void logProgress(String jobId, double percent, String status) {
        double bounded = Double.isNaN(percent) ? 0 : Math.max(0, Math.min(100, percent));
        emit("progress", traces.ids(), line -> line.raw("\"job_id\":").text(named(jobId)).raw(",\"percent\":").number(bounded)
                .raw(",\"status\":").text(status == null ? "running" : status));
    }

    /**
     * What this process uses, measured: CPU since the last call (100 = one core), resident memory, disk traffic, the network traffic of its host, threads,
     * open descriptors ({@code fds}), children, and the host's load averages ({@code load1, load5, load15}).
     */
    public void logResource() {
        logResource(null, null, null, null, Map.of());
    }

    /** What a program uses, in per cent and MB. What is null is measured. */
    public void logResource(Number cpu, Number mem, Number disk, Number net) {
        logResource(cpu, mem, disk, net, Map.of());
    }

    /** What a program uses, in per cent and MB, and further numbers. What is null is measured; all that can be, if all four are null. */
    public void logResource(Number cpu, Number mem, Number disk, Number net, Map<String, ? extends Number> more) {
        resource(() -> usage.numbers(cpu, mem, disk, net, more, HostUsage.FEW_THREADS));
    }

    private void resource(Supplier<Map<String, Double>> measured) {
        quietly("", () -> {
            Map<String, Double> numbers = measured.get();
            emit("resource", traces.ids(), line -> {
                String separator = "";
                for (Map.Entry<String, Double> number : numbers.entrySet()) {
                    line.raw(separator).text(number.getKey()).raw(":").number(number.getValue());
                    separator = ",";
                }
            });
            return "";
        });
    }

    /** The application lives. */
    public void heartbeat() {
        emit("heartbeat", traces.ids(), line -> { });
    }

    /** Opens a span in the calling thread's trace, or in a new one, and returns its id. Its parent is the thread's innermost open span. */
    public String startSpan(String name) {
        return startSpan(name, null, null, Map.of());
    }

    /** Opens a span in this trace; null: as {@link #startSpan(String)}. */
    public String startSpan(String name, String traceId) {
        return startSpan(name, traceId, null, Map.of());
    }

    /** Opens a span in this trace below this span, which may be another thread's or process's, with these tags; each may be null. */
    public String startSpan(String name, String traceId, String parentSpanId, Map<String, ?> tags) {
        return quietly("", () -> open(name, Messages.identifier(traceId), Messages.identifier(parentSpanId), tags).id);
    }

    /** Opens a span for try-with-resources. */
    public Span span(String name) {
        return new Span(this, startSpan(name));
    }

    Traces.OpenSpan open(String name, String trace, String parent, Map<String, ?> tags) {
        Traces.OpenSpan span = traces.start(name == null ? "" : name, trace, parent);
        emitSpan(span, "null", "open", tags);
        return span;
    }

    /** Ends a span, of any thread or process; null: the calling thread's innermost. Status null counts as {@code ok}. */
    public void endSpan(String spanId, String status, Map<String, ?> tags) {
        quietly("", () -> {
            Traces.OpenSpan span = traces.end(Messages.identifier(spanId));
            if (!span.id.isEmpty()) {
                emitSpan(span, Long.toString(System.currentTimeMillis()), ok(status), tags);
            }
            return "";
        });
    }

    /** Ends a span. */
    public void endSpan(String spanId, String status) {
        endSpan(spanId, status, Map.of());
    }

    /** Ends a span that went well. */
    public void endSpan(String spanId) {
        endSpan(spanId, "ok", Map.of());
    }

    private void emitSpan(Traces.OpenSpan span, String end, String status, Map<String, ?> tags) {
        emit("span", Messages.ids(span.trace, span.id, span.parent), line -> line.raw("\"name\":").text(span.name).raw(",\"start\":")
                .number(span.start).raw(",\"end\":").raw(end).raw(",\"status\":").text(status).raw(",\"tags\":").object(Map.of(), tags));
    }

    /** The trace of all messages outside of spans, in all threads; null ends it. */
    public void setTraceId(String traceId) {
        quietly("", () -> {
            traces.setTrace(Messages.identifier(traceId));
            return "";
        });
    }

    /** The trace that the calling thread is in, if it is in one. */
    public Optional<String> traceId() {
        return Optional.of(traces.traceId()).filter(id -> !id.isEmpty());
    }

    /** The calling thread's innermost open span, else that of the process that started this one. */
    public Optional<String> currentSpan() {
        return Optional.of(traces.spanId()).filter(id -> !id.isEmpty());
    }

    /** Environment variables by which the spans of a child process hang under the present one: for {@link ProcessBuilder#environment}. */
    public Map<String, String> childEnvironment() {
        Map<String, String> environment = new LinkedHashMap<>();
        traceId().ifPresent(id -> environment.put("MONITORING_TRACE_ID", id));
        currentSpan().ifPresent(id -> environment.put("MONITORING_PARENT_SPAN", id));
        return environment;
    }

    /** Goes into the context of every later event; a null value removes it. */
    public void setContext(String key, Object value) {
        if (key == null) {
            return;
        }
        synchronized (contextLock) {
            Map<String, Object> changed = new LinkedHashMap<>(context);
            if (value == null) {
                changed.remove(key);
            } else {
                changed.put(key, value);
            }
            context = changed;
        }
    }

    /** Begins a job: a span, an event and progress 0. Returns the span's id. */
    public String startJobAnalysis(String jobId, String name) {
        return startJobAnalysis(jobId, name, 0, Map.of());
    }

    /** Begins a job of so many parts (0: not known), from which its progress is reckoned. */
    public String startJobAnalysis(String jobId, String name, int subjobs, Map<String, ?> tags) {
        return quietly("", () -> jobs.start(named(jobId), name, subjobs, tags));
    }

    /** Opens the span of a part below that of its job, in any thread. Returns its id. */
    public String trackSubjob(String jobId, String subjobId, String name) {
        return quietly("", () -> jobs.track(named(jobId), named(subjobId), name));
    }

    /** Ends a part and reports the job's progress. */
    public void endSubjob(String jobId, String subjobId, String status, Map<String, ?> tags) {
        quietly("", () -> {
            jobs.endPart(named(jobId), named(subjobId), ok(status), tags);
            return "";
        });
    }

    /** Ends a part that has nothing more to say. */
    public void endSubjob(String jobId, String subjobId, String status) {
        endSubjob(jobId, subjobId, status, Map.of());
    }

    /** Ends a job; parts that are still open end as abandoned. */
    public void endJobAnalysis(String jobId, String status, Map<String, ?> summary) {
        quietly("", () -> {
            jobs.end(named(jobId), ok(status), summary);
            return "";
        });
    }

    /** Ends a job that has nothing more to say. */
    public void endJobAnalysis(String jobId, String status) {
        endJobAnalysis(jobId, status, Map.of());
    }

    /** What has happened so far. */
    public Stats stats() {
        State state = closed ? State.CLOSED : sender.isOverflowing() ? State.OVERFLOW
                : sender.isConnected() ? State.CONNECTED : State.DISCONNECTED;
        Map<String, Long> lost = new LinkedHashMap<>();
        for (Loss loss : Loss.values()) {
            if (counters.lost(loss) > 0) {
                lost.put(loss.word(), counters.lost(loss));
            }
        }
        return new Stats(state, sender.protocol(), sender.client().map(Object::toString).orElse(""), counters.messages.sum(),
                sender.buffered(), counters.sent.get(), counters.resent.get(), counters.acked.get(), counters.plain.get(),
                counters.refused.get(), counters.shortened.sum(), counters.spooled.get(), counters.leftInSpool.get(),
                counters.spoolFilesSent.get(), counters.connects.get(), lost, counters.lastError());
    }

    /** In direct mode what each backend has done, by its name; else empty. */
    public Map<String, BackendResult> backends() {
        return sender instanceof DirectSender direct ? direct.results() : Map.of();
    }

    /** In direct mode what a look at each backend shows, by its name; at all at the same time, and no longer than this. Nothing is written to them. */
    public Map<String, BackendHealth> health(Duration timeout) {
        return sender instanceof DirectSender direct ? direct.health(timeout) : Map.of();
    }

    /**
     * Waits until the hub has everything that was said before; whether it has. Returns at once when no hub can be reached, and when the thread is
     * interrupted.
     */
    public boolean flush(Duration timeout) {
        return !closed && sender.flush(timeout == null || timeout.isNegative() ? closeTimeout : timeout);
    }

    /** Sends what is left, as long as {@code closeTimeout} allows and a hub is there, and leaves the rest in the spool. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        end(closeTimeout);
        try {
            Runtime.getRuntime().removeShutdownHook(shutdown);
        } catch (IllegalStateException alreadyShuttingDown) {
            // Then it runs, and finds nothing to do.
        }
    }

    private void end(Duration timeout) {
        closed = true;
        reporter.stop();
        sender.close(timeout);
    }

    private void emit(String type, byte[] ids, Messages.Data data) {
        counters.messages.increment();
        try {
            Optional<Messages.Line> line = messages.line(type, ids, data);
            if (line.isEmpty()) {
                counters.lose(Loss.TOO_LONG, 1);
                return;
            }
            if (line.get().isShortened()) {
                counters.shortened.increment();
            }
            sender.add(line.get().bytes());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
            lost(e);
        }
    }

    /** The boundary to the application: whatever goes wrong in here is ours to count, not its to catch. */
    private String quietly(String otherwise, Supplier<String> work) {
        try {
            return work.get();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
            lost(e);
            return otherwise;
        }
    }

    private void lost(Throwable e) {
        counters.lose(Loss.FAILED, 1);
        counters.error("cannot write a message: " + e.getClass().getName());
    }

    private static String named(String id) {
        String sound = Messages.identifier(id);
        return sound.isEmpty() ? "unknown" : sound;
    }

    private static String ok(String status) {
        return status == null ? "ok" : status;
    }
}
