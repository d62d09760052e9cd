package io.monitoringhub.plugin.httpbackend;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param url where requests go
 * @param isHub whether the other side is a hub
 * @param template what requests look like
 * @param batchEntries most entries of one request
 * @param batchBytes most bytes of messages in one request
 * @param tls the files for TLS
 * @param timeout how long a request may take
 * @param connectTimeout how long a connection may take to come about
 */
record HttpBackendSettings(URI url, boolean isHub, RequestTemplate template, int batchEntries, int batchBytes, TlsFiles tls, Duration timeout,
        Duration connectTimeout) {

    static final int DEFAULT_ENTRIES = 5_000;
    static final int MOST_ENTRIES = 10_000;
    static final int DEFAULT_BYTES = 1 << 20;
    static final int LEAST_BYTES = 65_536;
    static final int MOST_BYTES = 64 << 20;

    private static final String HUB_PATH = "/v1/ingest/batch";
    private static final Set<String> METHODS = Set.of("POST", "PUT", "PATCH");
    private static final int MOST_SECONDS = 3_600;

    /** Reads the configuration; all that is wrong with it is in the one exception. */
    static HttpBackendSettings from(HttpBackendConfig config, String instance, Function<String, Path> paths) throws PermanentDeliveryException {
        List<String> problems = new ArrayList<>();
        String receiver = text("receiver", config::receiver, problems);
        if (!receiver.equals("hub") && !receiver.equals("service")) {
            problems.add("receiver '" + receiver + "': expected hub or service");
        }
        boolean isHub = receiver.equals("hub");
        URI url = url(text("url", config::url, problems), isHub, problems);
        String method = text("method", config::method, problems);
        if (!METHODS.contains(method) || isHub && !method.equals("POST")) {
            problems.add("method '" + method + "': expected POST" + (isHub ? " for a hub" : ", PUT or PATCH"));
        }
        BodyFormat format = BodyFormat.of(config, isHub, problems);
        List<String> headers = new ArrayList<>(RequestTemplate.headers(read("headers", config::headers, "a list of 'Name: value'", problems)
                .orElse(new String[0]), problems));
        authorization(config, problems).ifPresent(header -> headers.add("Authorization: " + header));
        boolean gzip = read("gzip", config::gzip, "true or false", problems).orElse(false);
        int entries = within("batch_entries", config::batch__entries, 1, MOST_ENTRIES, problems);
        int bytes = within("batch_bytes", config::batch__bytes, LEAST_BYTES, MOST_BYTES, problems);
        TlsFiles tls = tls(config, paths, problems);
        if (!tls.isEmpty() && url != null && !url.getScheme().equals("https")) {
            problems.add("tls: expected a url that begins with https");
        }
        int timeout = within("timeout", config::timeout, 1, MOST_SECONDS, problems);
        int connect = within("connect_timeout", config::connect__timeout, 1, MOST_SECONDS, problems);
        if (!problems.isEmpty()) {
            throw new PermanentDeliveryException("cannot use the configuration of " + instance + ": " + String.join("; ", problems));
        }
        return new HttpBackendSettings(url, isHub, new RequestTemplate(method, url, headers, format, gzip), entries, bytes, tls,
                Duration.ofSeconds(timeout), Duration.ofSeconds(connect));
    }

    /** @return null if it is none */
    private static URI url(String text, boolean isHub, List<String> problems) {
        try {
            URI url = new URI(text);
            boolean isWhole = ("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null && url.getPort() <= 65_535
                    && url.getRawFragment() == null && url.getRawUserInfo() == null;
            if (isWhole) {
                boolean hasPath = url.getRawPath() != null && !url.getRawPath().isEmpty() && !url.getRawPath().equals("/");
                return isHub && !hasPath ? url.resolve(HUB_PATH) : hasPath ? url : url.resolve("/");
            }
        } catch (URISyntaxException unreadable) {
            // said below
        }
        // It is not repeated: it may hold a password.
        problems.add("url: expected http://host:port/path or https://host:port/path, without user and fragment");
        return null;
    }

    private static Optional<String> authorization(HttpBackendConfig config, List<String> problems) {
        String token = text(".token", config::_token, problems);
        String user = text("user", config::user, problems);
        String password = text(".password", config::_password, problems);
        if (!token.isEmpty() && !user.isEmpty()) {
            problems.add("token and user: expected one of the two");
        }
        if (!token.matches("[!-~]*")) {
            problems.add("token: expected printable characters without spaces");
        }
        if (user.isEmpty() != password.isEmpty() || user.indexOf(':') >= 0) {
            problems.add("user and password: expected both or none, and no colon in the user");
        }
        return RequestTemplate.authorization(token, user, password);
    }

    private static TlsFiles tls(HttpBackendConfig config, Function<String, Path> paths, List<String> problems) {
        Optional<Path> certificate = path("tls.certificate", config::tls_certificate, paths, problems);
        Optional<Path> key = path("tls.key", config::tls_key, paths, problems);
        if (certificate.isPresent() != key.isPresent()) {
            problems.add("tls.certificate and tls.key: expected both or none, for a certificate is of no use without its key");
        }
        return new TlsFiles(path("tls.ca", config::tls_ca, paths, problems), certificate, key);
    }

    private static Optional<Path> path(String key, Supplier<String> value, Function<String, Path> paths, List<String> problems) {
        String text = text(key, value, problems);
        if (text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(paths.apply(text));
        } catch (RuntimeException bad) { // of the file system's provider
            problems.add(key + " '" + text + "': expected a path (" + bad.getMessage() + ")");
            return Optional.empty();
        }
    }

    static String text(String key, Supplier<String> value, List<String> problems) {
        try {
            String text = value.get();
            return text == null ? "" : text;
        } catch (RuntimeException unreadable) { // see read
            problems.add(key + ": expected a text (" + unreadable.getMessage() + ")");
            return "";
        }
    }

    private static int within(String key, Supplier<Integer> value, int least, int most, List<String> problems) {
        String expected = "a number from " + least + " to " + most;
        int number = read(key, value, expected, problems).orElse(least);
        if (number < least || number > most) {
            problems.add(key + " '" + number + "': expected " + expected);
        }
        return number;
    }

    /** Declarative Services converts a value when it is asked for, and throws an unchecked exception of its own if it can't. */
    private static <T> Optional<T> read(String key, Supplier<T> value, String expected, List<String> problems) {
        try {
            return Optional.ofNullable(value.get());
        } catch (RuntimeException unreadable) {
            problems.add(key + ": expected " + expected + " (" + unreadable.getMessage() + ")");
            return Optional.empty();
        }
    }
}
