package io.monitoringhub.sdk.direct;

import io.monitoringhub.sdk.internal.Tls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocketFactory;

/**
 * Requests to one HTTP server, for backends, and what its answers mean for a batch. With the JDK's {@link HttpURLConnection}, which needs no thread and
 * keeps connections by itself. Thread-safe.
 */
public final class HttpEndpoint {

    private static final int MOST_ANSWER = 16 << 20;
    private static final int SHOWN = 300;
    private static final Set<Integer> LATER = Set.of(408, 409, 425, 429);
    private static final Set<Integer> REFUSED = Set.of(400, 413, 422);

    private final URI url;
    private final Map<String, String> headers;
    private final Optional<Path> ca;
    private final Duration timeout;
    // Under this object's lock; the same one again and again, because connections are kept by it.
    private Optional<SSLSocketFactory> sockets = Optional.empty();

    /**
     * An answer as a whole. Immutable.
     *
     * @param status of HTTP
     * @param body as text
     * @param retryAfter what the server asks for
     */
    public record Answer(int status, String body, Duration retryAfter) {
    }

    /**
     * @param url what paths are appended to, as in http://127.0.0.1:17001
     * @param headers of each request
     * @param ca PEM file of who may have signed the server's certificate; empty: whom the JVM trusts
     * @param timeout for the connection, and for the answer
     */
    public HttpEndpoint(URI url, Map<String, String> headers, Optional<Path> ca, Duration timeout) {
        this.url = url;
        this.headers = Map.copyOf(headers);
        this.ca = ca;
        this.timeout = timeout;
    }

    /** Its address. */
    public URI url() {
        return url;
    }

    /** Sends this, compressed if so wanted. */
    public Answer post(String path, byte[] body, boolean isCompressed, Map<String, String> further) throws DeliveryException {
        return exchange("POST", path, Optional.of(body), isCompressed, further);
    }

    /** Asks for this. */
    public Answer get(String path) throws DeliveryException {
        return exchange("GET", path, Optional.empty(), false, Map.of());
    }

    private Answer exchange(String method, String path, Optional<byte[]> body, boolean isCompressed, Map<String, String> further)
            throws DeliveryException {
        try {
            HttpURLConnection connection = open(path);
            connection.setRequestMethod(method);
            headers.forEach(connection::setRequestProperty);
            further.forEach(connection::setRequestProperty);
            if (body.isPresent()) {
                send(connection, body.get(), isCompressed);
            }
            return answer(connection);
        } catch (SSLHandshakeException e) {
            throw DeliveryException.of(DeliveryException.Kind.PERMANENT, url + " is not trusted: " + e.getMessage(), e);
        } catch (IOException e) {
            throw DeliveryException.of(DeliveryException.Kind.TRANSIENT, url + " cannot be reached: " + e, e);
        } catch (IllegalArgumentException | ClassCastException e) {
            throw DeliveryException.of(DeliveryException.Kind.PERMANENT, url + " is no address of a server, such as http://127.0.0.1:17001", e);
        }
    }

    private HttpURLConnection open(String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url.toString().replaceAll("/+$", "") + path).toURL().openConnection();
        if (connection instanceof HttpsURLConnection secure && ca.isPresent()) {
            secure.setSSLSocketFactory(sockets(ca.get()));
        }
        int millis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis()));
        connection.setConnectTimeout(millis);
        connection.setReadTimeout(millis);
        connection.setInstanceFollowRedirects(false);
        return connection;
    }

    private synchronized SSLSocketFactory sockets(Path authorities) throws IOException {
        if (sockets.isEmpty()) {
            sockets = Optional.of(new Tls(Optional.of(authorities), Optional.empty(), Optional.empty()).context().getSocketFactory());
        }
        return sockets.get();
    }

    private static void send(HttpURLConnection connection, byte[] body, boolean isCompressed) throws IOException {
        byte[] content = isCompressed ? compressed(body) : body;
        if (isCompressed) {
            connection.setRequestProperty("Content-Encoding", "gzip");
        }
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(content.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(content);
        }
    }

    private static byte[] compressed(byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 4 + 64);
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(body);
        }
        return bytes.toByteArray();
    }

    private static Answer answer(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        String body;
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            body = in == null ? "" : new String(in.readNBytes(MOST_ANSWER), StandardCharsets.UTF_8);
        }
        String seconds = connection.getHeaderField("Retry-After");
        return new Answer(status, body, seconds != null && seconds.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(seconds)) : Duration.ZERO);
    }

    /** What an answer other than success means for the batch. */
    public DeliveryException failure(Answer answer) {
        String told = url + " answered " + answer.status + ": " + answer.body.substring(0, Math.min(SHOWN, answer.body.length())).replaceAll("\\s+", " ");
        if (LATER.contains(answer.status) || answer.status >= 500) {
            return DeliveryException.later(told, answer.retryAfter);
        }
        return DeliveryException.of(REFUSED.contains(answer.status) ? DeliveryException.Kind.REFUSED : DeliveryException.Kind.PERMANENT, told, null);
    }
}
