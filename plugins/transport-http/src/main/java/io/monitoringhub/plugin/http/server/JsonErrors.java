package io.monitoringhub.plugin.http.server;

import java.nio.charset.StandardCharsets;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers for what never reaches a servlet: requests that are none, and pages that nobody has. Thread-safe. */
final class JsonErrors implements Request.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(JsonErrors.class);
    /** The transport ends, and has waited for the request as long as it may. */
    private static final Problem CLOSED = Problem.perhapsStored("unavailable",
            "this part of the hub has ended, and does not know whether the request is stored", 1);

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Problem problem = problem(request, response.getStatus());
        response.setStatus(problem.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        if (problem.retryAfter() > 0) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, problem.retryAfter());
        }
        byte[] json = problem.json().getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, json.length);
        response.write(true, ByteBuffer.wrap(json), callback);
        return true;
    }

    private static Problem problem(Request request, int status) {
        if (status == 500 && request.getAttribute(ErrorHandler.ERROR_EXCEPTION) instanceof Throwable cause) {
            if (cause instanceof EofException) {
                return CLOSED;
            }
            LOG.error("{} {} from {} was answered 500", request.getMethod(), request.getHttpURI().getPath(), Request.getRemoteAddr(request), cause);
        }
        return switch (status) {
            case 400 -> new Problem(400, "bad_request", "this is no proper HTTP request", "use an HTTP/1.1 client, and percent-encode the address");
            case 404 -> new Problem(404, "not_found", "there is nothing at " + request.getHttpURI().getPath(),
                    "GET /v1/openapi.json says what there is");
            case 405 -> new Problem(405, "method_not_allowed", "the method " + request.getMethod() + " is not for this address",
                    "GET /v1/openapi.json says which is");
            case 408 -> new Problem(408, "request_timeout", "the request took too long to come", "send it faster, or in smaller pieces");
            case 414 -> new Problem(414, "uri_too_long", "the address is too long", "put data into the body");
            case 431 -> new Problem(431, "headers_too_large", "the request's headers are too large", "send fewer or shorter headers, or raise"
                    + " max_header_bytes");
            case 500 -> new Problem(500, "internal_error", "a fault of the hub or of one of its plugins",
                    "the hub's log says more; please report it");
            case 503 -> new Problem(503, "unavailable", "the hub can't answer now", "send the request again after a moment", 1);
            case 505 -> new Problem(505, "http_version", "this version of HTTP is not spoken here", "use HTTP/1.1");
            default -> new Problem(status, "http_" + status, "the request is answered with status " + status,
                    "GET /v1/openapi.json says what can be asked");
        };
    }
}
