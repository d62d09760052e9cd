package io.monitoringhub.plugin.httpbackend;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * What requests look like. Immutable.
 *
 * @param method of HTTP
 * @param url where they go
 * @param headers as {@code Name: value}, with placeholders
 * @param format of the body
 * @param gzip whether the body is compressed
 */
record RequestTemplate(String method, URI url, List<String> headers, BodyFormat format, boolean gzip) {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(source|count|first_offset|last_offset|log_id|lane|key)\\}");
    private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([ -~]*)");
    /** Said by other options, or by the protocol itself. */
    private static final Set<String> NOT_HEADERS = Set.of("host", "content-length", "content-type", "content-encoding", "transfer-encoding",
            "connection", "expect", "authorization", "idempotency-key", "monitoring-hub-sender", "monitoring-hub-offsets");

    RequestTemplate {
        headers = List.copyOf(headers);
    }

    /** One header's value by its name. */
    record Header(String name, String value) { }

    /** Checks configured headers. */
    static List<String> headers(String[] configured, List<String> problems) {
        List<String> headers = new ArrayList<>();
        for (String header : configured) {
            Matcher matcher = HEADER.matcher(header);
            if (!matcher.matches()) {
                problems.add("headers '" + header.split("[:=]", 2)[0] + "': expected 'Name: value' with printable characters");
            } else if (NOT_HEADERS.contains(matcher.group(1).toLowerCase(Locale.ROOT))) {
                problems.add("headers '" + matcher.group(1) + "': expected another one; this is set by the backend, see token, user, content_type"
                        + " and gzip");
            } else {
                headers.add(header);
            }
        }
        return headers;
    }

    static Optional<String> authorization(String token, String user, String password) {
        if (!token.isEmpty()) {
            return Optional.of("Bearer " + token);
        }
        return user.isEmpty() ? Optional.empty()
                : Optional.of("Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
    }

    /** Whether a request must be of one source alone. */
    boolean namesSource() {
        return headers.stream().anyMatch(header -> header.contains("{source}")) || format.prefix().contains("{source}")
                || format.suffix().contains("{source}");
    }

    /** First line and headers, up to the empty line. */
    byte[] head(Passage passage, List<Header> further, int bodyLength, boolean expectContinue) {
        StringBuilder head = new StringBuilder(500).append(method).append(' ').append(url.getRawPath())
                .append(url.getRawQuery() == null ? "" : "?" + url.getRawQuery()).append(" HTTP/1.1\r\nHost: ").append(url.getRawAuthority())
                .append("\r\nUser-Agent: monitoring-hub\r\nAccept: application/json\r\nContent-Type: ").append(format.contentType());
        if (gzip) {
            head.append("\r\nContent-Encoding: gzip");
        }
        headers.forEach(header -> head.append("\r\n").append(filled(header, passage, RequestTemplate::forHeader)));
        further.forEach(header -> head.append("\r\n").append(header.name()).append(": ").append(header.value()));
        if (expectContinue) {
            head.append("\r\nExpect: 100-continue");
        }
        return head.append("\r\nContent-Length: ").append(bodyLength).append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    byte[] body(Passage passage) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
        byte[] message = {};
        try (OutputStream out = gzip ? new Gzip(bytes) : bytes) {
            out.write(text(format.prefix(), passage));
            byte[] separator = format.separator().getBytes(StandardCharsets.UTF_8);
            for (int i = passage.from(); i < passage.to(); i++) {
                if (i > passage.from()) {
                    out.write(separator);
                }
                int length = passage.batch().length(i);
                if (message.length < length) {
                    message = new byte[Math.max(length, 4_096)];
                }
                passage.batch().message(i).get(message, 0, length);
                out.write(message, 0, length);
            }
            out.write(text(format.suffix(), passage));
        } catch (IOException impossible) {
            throw new IllegalStateException("memory does not fail", impossible);
        }
        return bytes.toByteArray();
    }

    private static byte[] text(String template, Passage passage) {
        return filled(template, passage, RequestTemplate::forJson).getBytes(StandardCharsets.UTF_8);
    }

    private static String filled(String template, Passage passage, UnaryOperator<String> escaped) {
        if (template.indexOf('{') < 0) {
            return template;
        }
        return PLACEHOLDER.matcher(template).replaceAll(found -> Matcher.quoteReplacement(escaped.apply(switch (found.group(1)) {
            case "source" -> passage.batch().source(passage.from());
            case "count" -> Integer.toString(passage.size());
            case "first_offset" -> Long.toString(passage.firstOffset());
            case "last_offset" -> Long.toString(passage.lastOffset());
            case "log_id" -> passage.batch().logId();
            case "lane" -> passage.lane();
            default -> passage.key();
        })));
    }

    /** A source is whatever a client sends: nothing of it may end the header. */
    private static String forHeader(String value) {
        StringBuilder text = new StringBuilder();
        for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
            if (each > ' ' && each <= '~' && each != '%') {
                text.append((char) each);
            } else {
                text.append('%').append(String.format(Locale.ROOT, "%02X", each & 0xFF));
            }
        }
        return text.toString();
    }

    private static String forJson(String value) {
        StringBuilder text = new StringBuilder();
        for (char each : value.toCharArray()) {
            if (each == '"' || each == '\\') {
                text.append('\\').append(each);
            } else if (each < ' ') {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) each));
            } else {
                text.append(each);
            }
        }
        return text.toString();
    }

    /** Messages are alike: the quickest level finds that, too. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(OutputStream out) throws IOException {
            super(out, 8_192);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
