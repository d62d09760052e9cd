package io.monitoringhub.runtime.surface;

import io.monitoringhub.log.Log;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.stream.EntryFilter;
import io.monitoringhub.runtime.stream.LogFollower;
import io.monitoringhub.runtime.stream.LogPosition;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v1/stream}: entries as they become durable, as server-sent events. Where the hub wants tokens the request needs one with
 * {@code read: true}.
 *
 * <p>A thread for each stream, {@code hub-stream-N}: a reader of the log waits and reads files, and a client that does not read holds up nobody
 * but its own thread. So there are few, and none of the server's is used. Thread-safe.
 */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.name=hub-stream",
    "osgi.http.whiteboard.servlet.asyncSupported:Boolean=true", "osgi.http.whiteboard.servlet.pattern=" + StreamPage.STREAM})
public final class StreamPage extends HttpServlet {

    static final String STREAM = "/v1/stream";
    /** How many streams there may be at a time. */
    static final int MOST_STREAMS = 8;

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(StreamPage.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final List<String> PARAMETERS = List.of("source", "type", "level", "grep", "from");
    private static final String RETRY_AFTER_SECONDS = "10";
    private static final int TOO_MANY_REQUESTS = 429;
    private static final long NO_TIME_LIMIT = 0;

    private final transient HubEngine engine;
    private final transient Semaphore places = new Semaphore(MOST_STREAMS);
    private final transient Map<EventStream, Thread> streams = new ConcurrentHashMap<>();
    private final transient AtomicInteger threadNumbers = new AtomicInteger();
    private volatile boolean isStopping;

    @Activate
    public StreamPage(@Reference HubComponent hub) {
        this.engine = hub.engine();
    }

    /** Ends all streams, so that neither the server nor the log has to wait for them. */
    @Deactivate
    void stop() throws InterruptedException {
        isStopping = true;
        streams.keySet().forEach(EventStream::end);
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (Thread thread : streams.values()) {
            // one that a client holds up ends when the server closes its connection
            thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Cache-Control", "no-store");
        if (!request.getMethod().equals("GET")) {
            response.setHeader("Allow", "GET");
            response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            return;
        }
        Reader reader = Reader.of(request);
        if (!reader.isAllowed(engine)) {
            refuse(response, reader.refusal(), Reader.REFUSED);
            return;
        }
        LogFollower follower;
        try {
            follower = follower(request);
        } catch (IllegalArgumentException wrong) {
            refuse(response, HttpServletResponse.SC_BAD_REQUEST, wrong.getMessage());
            return;
        }
        if (isStopping || !places.tryAcquire()) {
            follower.close();
            response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
            refuse(response, TOO_MANY_REQUESTS, "there are " + MOST_STREAMS + " streams already: end one of them, or come again later");
            return;
        }
        begin(request, response, reader, follower);
    }

    private LogFollower follower(HttpServletRequest request) throws IOException {
        for (String name : request.getParameterMap().keySet()) {
            if (!PARAMETERS.contains(name)) {
                throw new IllegalArgumentException("there is no parameter '" + name + "': " + String.join(", ", PARAMETERS));
            }
        }
        EntryFilter filter = EntryFilter.of(all(request, "source"), all(request, "type"), one(request, "level"), one(request, "grep"));
        Log log = engine.log();
        Optional<String> last = Optional.ofNullable(request.getHeader("Last-Event-ID")).filter(id -> id.matches("\\d{1,18}"));
        long from = last.isPresent() ? Long.parseLong(last.get()) + 1
                : LogPosition.of(one(request, "from").orElse("now"), log, engine.clock());
        return new LogFollower(log, from, filter);
    }

    private static List<String> all(HttpServletRequest request, String name) {
        String[] values = request.getParameterValues(name);
        return values == null ? List.of() : List.of(values);
    }

    private static Optional<String> one(HttpServletRequest request, String name) {
        return Optional.ofNullable(request.getParameter(name)).filter(value -> !value.isEmpty());
    }

    private static void refuse(HttpServletResponse response, int status, String reason) throws IOException {
        Page.Content content = CorrelationPage.problem(status, reason);
        response.setStatus(content.status());
        response.setContentType(content.type());
        response.setContentLength(content.body().size());
        content.body().writeTo(response.getOutputStream());
    }

    private void begin(HttpServletRequest request, HttpServletResponse response, Reader reader, LogFollower follower) throws IOException {
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("UTF-8");
        EventStream stream = new EventStream(follower, response.getOutputStream(), () -> reader.isAllowed(engine), HEARTBEAT);
        AsyncContext context = request.startAsync();
        context.setTimeout(NO_TIME_LIMIT);
        Thread thread = new Thread(() -> serve(stream, follower, context), "hub-stream-" + threadNumbers.incrementAndGet());
        thread.setDaemon(true);
        streams.put(stream, thread);
        if (isStopping) {
            stream.end();
        }
        thread.start();
    }

    private void serve(EventStream stream, LogFollower follower, AsyncContext context) {
        try (follower) {
            stream.run();
        } catch (IOException gone) {
            LOG.debug("a stream ended at offset {}: {}", follower.position(), gone.toString());
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        } finally {
            streams.remove(stream);
            places.release();
            complete(context);
        }
    }

    private static void complete(AsyncContext context) {
        try {
            context.complete();
        } catch (IllegalStateException gone) {
            LOG.debug("the server has ended the request already: {}", gone.toString());
        }
    }
}
