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
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocketFactory;

/**
 * A hub on this machine or elsewhere, by its HTTP transport (docs/http-api.md). The {@code Idempotency-Key} names the messages of a request, so that the
 * hub stores one that is sent again once. Used by one thread at a time.
 */
public final class HubBackend implements Backend {

    private static final int MOST_ANSWER = 65_536;
    private static final Set<Integer> LATER = Set.of(408, 409, 425, 429);
    private static final Set<Integer> REFUSED = Set.of(400, 413, 422);
    private static final Pattern COUNT = Pattern.compile("\"refused\"\\s*:\\s*([0-9]{1,9})");
    private static final Pattern REASON = Pattern.compile("\"reason\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.){0,300})");

    private final String name;
    private final URI url;
    private final String token;
    private final Optional<Path> ca;
    private final Duration timeout;
    private Optional<SSLSocketFactory> sockets = Optional.empty();

    /** Without a token, and with the authorities that the JVM trusts. */
    public HubBackend(URI url) {
        this("hub", url, "", Optional.empty(), Duration.ofSeconds(10));
    }

    /**
     * @param name how it is called in results
     * @param url of the HTTP transport, as in http://127.0.0.1:17001
     * @param token sent as Bearer token; {@code ""}: none
     * @param ca PEM file of who may have signed the hub's certificate; empty: whom the JVM trusts
     * @param timeout for the connection, and for the answer
     */
    public HubBackend(String name, URI url, String token, Optional<Path> ca, Duration timeout) {
        this.name = name;
        this.url = url;
        this.token = token;
        this.ca = ca;
        this.timeout = timeout;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Rejections write(Batch batch) throws DeliveryException {
        try {
            return answered(batch, post(batch));
        } catch (SSLHandshakeException e) {
            throw DeliveryException.of(DeliveryException.Kind.PERMANENT, url + " is not trusted: " + e.getMessage(), e);
        } catch (IOException e) {
            throw DeliveryException.of(DeliveryException.Kind.TRANSIENT, url + " cannot be reached: " + e, e);
        } catch (IllegalArgumentException | ClassCastException e) {
            throw DeliveryException.of(DeliveryException.Kind.PERMANENT, url + " is no address of a hub, such as http://127.0.0.1:17001", e);
        }
    }

    private HttpURLConnection post(Batch batch) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url.toString().replaceAll("/+$", "") + "/v1/ingest/batch").toURL().openConnection();
        if (connection instanceof HttpsURLConnection secure && ca.isPresent()) {
            if (sockets.isEmpty()) {
                sockets = Optional.of(new Tls(ca, Optional.empty(), Optional.empty()).context().getSocketFactory());
            }
            secure.setSSLSocketFactory(sockets.get());
        }
        byte[] body = compressed(batch.body());
        connection.setConnectTimeout((int) timeout.toMillis());
        connection.setReadTimeout((int) timeout.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/x-ndjson");
        connection.setRequestProperty("Content-Encoding", "gzip");
        connection.setRequestProperty("Idempotency-Key", batch.key());
        if (!token.isEmpty()) {
            connection.setRequestProperty("Authorization", "Bearer " + token);
        }
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        return connection;
    }

    private static byte[] compressed(byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 4 + 64);
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(body);
        }
        return bytes.toByteArray();
    }

    private Rejections answered(Batch batch, HttpURLConnection connection) throws IOException, DeliveryException {
        int status = connection.getResponseCode();
        String body;
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            body = in == null ? "" : new String(in.readNBytes(MOST_ANSWER), StandardCharsets.UTF_8);
        }
        Matcher count = COUNT.matcher(body);
        int refused = count.find() ? Integer.parseInt(count.group(1)) : -1;
        if ((status == 202 || status == 400 && refused == batch.size()) && refused >= 0 && refused <= batch.size()) {
            Matcher reason = REASON.matcher(body);
            return refused == 0 ? Rejections.NONE : new Rejections(refused, reason.find() ? reason.group(1) : "refused by the hub");
        }
        String told = url + " answered " + status + ": " + body.substring(0, Math.min(300, body.length())).replaceAll("\\s+", " ");
        if (LATER.contains(status) || status >= 500) {
            throw DeliveryException.later(told, retryAfter(connection));
        }
        throw DeliveryException.of(REFUSED.contains(status) ? DeliveryException.Kind.REFUSED : DeliveryException.Kind.PERMANENT, told, null);
    }

    private static Duration retryAfter(HttpURLConnection connection) {
        String seconds = connection.getHeaderField("Retry-After");
        return seconds != null && seconds.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(seconds)) : Duration.ZERO;
    }

    /** Nothing: the JDK closes connections that nobody has used for some seconds. */
    @Override
    public void close() {
    }
}
