package io.monitoringhub.plugin.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.osgi.service.component.annotations.Component;

/** Where messages are sent to. Thread-safe. */
@Component(service = Servlet.class, property = {
    "osgi.http.whiteboard.servlet.name=hub-ingest",
    "osgi.http.whiteboard.servlet.pattern=" + IngestServlet.EVENTS,
    "osgi.http.whiteboard.servlet.pattern=" + IngestServlet.BATCH,
    "osgi.http.whiteboard.servlet.pattern=" + IngestServlet.EVENTS_BATCH,
    "osgi.http.whiteboard.servlet.asyncSupported:Boolean=true",
    "hub.servlet=ingest"})
public final class IngestServlet extends HttpServlet {

    static final String EVENTS = "/v1/ingest/events";
    static final String BATCH = "/v1/ingest/batch";
    static final String EVENTS_BATCH = "/v1/ingest/events:batch";

    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!(request.getAttribute(IngestPoint.ATTRIBUTE) instanceof IngestPoint point)) {
            // The request came in by the server of this bundle's predecessor or successor.
            write(response, Answer.of(Problems.swapping()));
            return;
        }
        if (!request.getMethod().equals("POST")) {
            response.setHeader("Allow", "POST");
            refuse(point, request, response, Answer.of(Problems.notPost(request.getMethod())));
            return;
        }
        RequestHead head;
        try {
            head = RequestHead.of(request, point.limits());
        } catch (RequestHead.HeadException bad) {
            refuse(point, request, response, Answer.of(bad.problem()));
            return;
        }
        AsyncContext context = request.startAsync(request, response);
        new Upload(point, head, context, request.getInputStream()).begin();
    }

    private static void refuse(IngestPoint point, HttpServletRequest request, HttpServletResponse response, Answer answer) throws IOException {
        point.refusals().count(answer.code(), request.getRemoteAddr() + " was answered " + answer.status() + ": " + answer.json().strip());
        if (request.getContentLengthLong() != 0) {
            // The body is not read.
            response.setHeader("Connection", "close");
        }
        write(response, answer);
    }

    static void write(HttpServletResponse response, Answer answer) throws IOException {
        byte[] json = answer.json().getBytes(StandardCharsets.UTF_8);
        response.setStatus(answer.status());
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        if (answer.status() == 401) {
            response.setHeader("WWW-Authenticate", "Bearer realm=\"monitoring-hub\"");
        }
        if (answer.retryAfter() > 0) {
            response.setHeader("Retry-After", Long.toString(answer.retryAfter()));
        }
        response.setContentLength(json.length);
        response.getOutputStream().write(json);
    }
}
