package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.body.BodyForm;
import io.monitoringhub.plugin.http.server.Problem;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.SubmissionRequest.NumberedLines;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request's headers say of its body. Immutable.
 *
 * @param peer who sends it
 * @param form of the body
 * @param encoding how it is compressed; can be null
 * @param codec whose format it is; empty if the request does not say
 * @param token the secret that the client showed
 * @param key what names the request for ever
 * @param lines where the messages stand in the sender's own log; says more than a key
 */
record RequestHead(Peer peer, BodyForm form, String encoding, Optional<String> codec, Optional<String> token, Optional<String> key,
        Optional<NumberedLines> lines) {

    static final String JOB_CODEC = "jobevent";

    private static final String JOB_TYPE = "application/vnd.monitoringhub.job+json";
    private static final Pattern BEARER = Pattern.compile("(?i)bearer +([!-~]{1,4096})\\s*");
    private static final Pattern KEY = Pattern.compile("[ -~]{1,255}");

    /** What is wrong with the request's head. */
    static final class HeadException extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient Problem problem;

        HeadException(Problem problem) {
            super(problem.message());
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    static RequestHead of(HttpServletRequest request, BodyLimits limits) throws HeadException {
        if (request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") == null) {
            throw new HeadException(Problems.lengthRequired());
        }
        if (request.getContentLengthLong() > limits.maxBytes()) {
            throw new HeadException(Problems.tooLarge(limits.maxBytes()));
        }
        String type = type(request.getContentType());
        // First of all: the server takes the parameters of a web form from its body, and holds a thread until it has all of that.
        BodyForm form = form(type);
        return new RequestHead(new Peer(text(request.getRemoteAddr()) + ":" + request.getRemotePort()), form, request.getHeader("Content-Encoding"),
                codec(formats(request), type), token(request), key(request), lines(request));
    }

    private static String[] formats(HttpServletRequest request) throws HeadException {
        try {
            return request.getParameterMap().get("format");
        } catch (RuntimeException unreadable) { // of the server, for what a client wrote
            throw new HeadException(Problems.badQuery());
        }
    }

    private static String type(String header) {
        return header == null ? "" : header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private static BodyForm form(String type) throws HeadException {
        return switch (type) {
            case "application/json", JOB_TYPE -> BodyForm.DOCUMENT;
            case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/x-ldjson" -> BodyForm.LINES;
            case "", "text/plain", "application/octet-stream" -> BodyForm.ANY;
            default -> throw new HeadException(Problems.mediaType(type));
        };
    }

    private static Optional<String> codec(String[] formats, String type) throws HeadException {
        if (formats != null && formats.length > 0 && !formats[0].equals("native")) {
            if (!ComponentId.isType(formats[0])) {
                throw new HeadException(Problems.noCodec(formats[0].substring(0, Math.min(30, formats[0].length()))));
            }
            return Optional.of(formats[0]);
        }
        return type.equals(JOB_TYPE) ? Optional.of(JOB_CODEC) : Optional.empty();
    }

    private static Optional<String> token(HttpServletRequest request) throws HeadException {
        String header = request.getHeader("Authorization");
        if (header == null) {
            return Optional.empty();
        }
        Matcher bearer = BEARER.matcher(header);
        if (!bearer.matches()) {
            throw new HeadException(Problems.badAuthorization());
        }
        return Optional.of(bearer.group(1));
    }

    private static Optional<String> key(HttpServletRequest request) throws HeadException {
        String header = request.getHeader("Idempotency-Key");
        if (header != null && !KEY.matcher(header).matches()) {
            throw new HeadException(Problems.badKey());
        }
        return Optional.ofNullable(header);
    }

    private static Optional<NumberedLines> lines(HttpServletRequest request) throws HeadException {
        try {
            return Sender.of(request.getHeader(Sender.NAME), request.getHeader(Sender.OFFSETS));
        } catch (IllegalArgumentException bad) {
            throw new HeadException(Problems.badSender(bad.getMessage()));
        }
    }

    private static String text(String host) {
        return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    }
}
