package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param hosts the nodes, each without a slash at its end
 * @param index pattern of the indices' names
 * @param isDataStream whether it names a data stream
 * @param keepsTemplate whether an index template is put
 * @param components what that template is composed of
 * @param authorization the header's value
 * @param tls what checks servers' certificates; the JVM's default if absent
 * @param isUnverified whether nothing is checked
 * @param gzip whether requests are compressed
 * @param maxBody most bytes of a request before compression
 * @param connectTimeout for a connection
 * @param requestTimeout for a request, its answer included
 */
record ElasticsearchSettings(List<URI> hosts, String index, boolean isDataStream, boolean keepsTemplate, List<String> components,
        Optional<String> authorization, Optional<SSLContext> tls, boolean isUnverified, boolean gzip, int maxBody, Duration connectTimeout,
        Duration requestTimeout) {

    static final int MAX_LINGER_MS = 60_000;
    private static final int MAX_TIMEOUT_MS = 600_000;
    private static final int MIN_BODY = 1 << 20;
    private static final int MAX_BODY = 64 << 20;

    @Override
    public String toString() {
        return "ElasticsearchSettings" + hosts + index;
    }

    /** Reads the configuration; all that is wrong with it is in the one exception. */
    static ElasticsearchSettings from(ElasticsearchConfig config, String instance, Function<String, Path> resolve)
            throws PermanentDeliveryException {
        Reading reading = new Reading(new ArrayList<>());
        List<URI> hosts = reading.hosts(config);
        boolean isDataStream = reading.value("data_stream", config::data__stream, "true or false").orElse(false);
        String index = reading.value("index", config::index, "a name of indices").orElse("x");
        IndexName.problem(index, isDataStream).ifPresent(problem -> reading.problem("index '" + index + "': " + problem));
        boolean template = reading.value("template", config::template, "true or false").orElse(true);
        List<String> components = reading.list("component_templates", config::component__templates);
        if (!template && !components.isEmpty()) {
            reading.problem("component_templates needs template: true");
        }
        Optional<String> authorization = reading.authorization(config);
        String verify = reading.value("tls.verify", config::tls_verify, "full or none").orElse("full");
        Optional<SSLContext> tls = reading.tls(config, verify, resolve);
        boolean gzip = reading.value("gzip", config::gzip, "true or false").orElse(true);
        int maxBody = reading.within("max_body_bytes", config::max__body__bytes, MIN_BODY, MAX_BODY);
        reading.within("linger_ms", config::linger__ms, 0, MAX_LINGER_MS);
        int connect = reading.within("connect_timeout_ms", config::connect__timeout__ms, 1, MAX_TIMEOUT_MS);
        int request = reading.within("request_timeout_ms", config::request__timeout__ms, 1, MAX_TIMEOUT_MS);
        if (!reading.problems.isEmpty()) {
            throw new PermanentDeliveryException("cannot use the configuration of " + instance + ": " + String.join("; ", reading.problems));
        }
        return new ElasticsearchSettings(hosts, index, isDataStream, template, components, authorization, tls, verify.equals("none"), gzip,
                maxBody, Duration.ofMillis(connect), Duration.ofMillis(request));
    }

    /** Reads key by key and remembers what is wrong. Used by one thread. */
    private record Reading(List<String> problems) {

        void problem(String problem) {
            problems.add(problem);
        }

        List<URI> hosts(ElasticsearchConfig config) {
            List<URI> hosts = new ArrayList<>();
            for (String text : list("hosts", config::hosts)) {
                try {
                    hosts.add(host(text));
                } catch (URISyntaxException e) {
                    problem("hosts '" + text + "': expected http://host:port or https://host:port, with the path before /_bulk if there is"
                            + " one; user and password have keys of their own");
                }
            }
            if (hosts.isEmpty() && problems.isEmpty()) {
                problem("hosts is empty: expected at least one, such as https://es1:9200");
            }
            return List.copyOf(hosts);
        }

        private static URI host(String text) throws URISyntaxException {
            URI host = new URI(text.replaceAll("/+$", ""));
            String scheme = host.getScheme() == null ? "" : host.getScheme().toLowerCase(Locale.ROOT);
            if (!scheme.equals("http") && !scheme.equals("https") || host.getHost() == null || host.getRawUserInfo() != null
                    || host.getRawQuery() != null || host.getRawFragment() != null) {
                throw new URISyntaxException(text, "no address of a node");
            }
            return host;
        }

        Optional<String> authorization(ElasticsearchConfig config) {
            String user = text("user", config::user);
            String password = text("password", config::_password);
            String key = text("api_key", config::_api__key);
            String token = text("token", config::_token);
            if ((user + password).isEmpty() ? !key.isEmpty() && !token.isEmpty() : !(key + token).isEmpty()) {
                problem("user with password, api_key and token: expected one of the three");
            }
            if (user.isEmpty() != password.isEmpty()) {
                problem((user.isEmpty() ? "user" : "password") + " is empty: expected both user and password");
            }
            if (user.contains(":")) {
                problem("user '" + user + "': expected a name without ':'");
            }
            if (!user.isEmpty()) {
                return Optional.of("Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
            }
            for (String secret : List.of(key, token)) {
                if (!secret.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                    problem((secret.equals(key) ? "api_key" : "token") + ": expected letters, digits and signs without blanks");
                    return Optional.empty();
                }
            }
            return key.isEmpty() ? token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token) : Optional.of("ApiKey " + key);
        }

        Optional<SSLContext> tls(ElasticsearchConfig config, String verify, Function<String, Path> resolve) {
            String ca = text("tls.ca", config::tls_ca);
            String fingerprint = text("tls.fingerprint", config::tls_fingerprint).replace(":", "").toLowerCase(Locale.ROOT);
            if (!verify.equals("full") && !verify.equals("none")) {
                problem("tls.verify '" + verify + "': expected full or none");
            }
            if (!fingerprint.isEmpty() && !fingerprint.matches("[0-9a-f]{64}")) {
                problem("tls.fingerprint '" + fingerprint + "': expected the 64 hexadecimal digits of a SHA-256");
                return Optional.empty();
            }
            if (Arrays.asList(!ca.isEmpty(), !fingerprint.isEmpty(), verify.equals("none")).stream().filter(each -> each).count() > 1) {
                problem("tls.ca, tls.fingerprint and tls.verify: none: expected one of the three");
                return Optional.empty();
            }
            try {
                if (!ca.isEmpty()) {
                    return Optional.of(Trust.authorities(resolve.apply(ca)));
                }
                if (!fingerprint.isEmpty()) {
                    return Optional.of(Trust.fingerprint(fingerprint));
                }
                return verify.equals("none") ? Optional.of(Trust.anybody()) : Optional.empty();
            } catch (Trust.UnusableException e) {
                problem("tls.ca: " + e.getMessage());
                return Optional.empty();
            }
        }

        private String text(String key, Supplier<String> value) {
            try {
                String text = value.get();
                return text == null ? "" : text.strip();
            } catch (RuntimeException e) {
                problem(key + ": expected text");
                return "";
            }
        }

        List<String> list(String key, Supplier<String[]> value) {
            return value(key, value, "a list of texts").map(array -> Arrays.stream(array).map(String::strip).filter(each -> !each.isEmpty())
                    .toList()).orElse(List.of());
        }

        int within(String key, Supplier<Integer> value, int least, int most) {
            String expected = "a number from " + least + " to " + most;
            int number = value(key, value, expected).orElse(least);
            if (number < least || number > most) {
                problem(key + " '" + number + "': expected " + expected);
            }
            return number;
        }

        /** Declarative Services converts a value when it is asked for, and throws an unchecked exception of its own if it can't. */
        <T> Optional<T> value(String key, Supplier<T> value, String expected) {
            try {
                Optional<T> read = Optional.ofNullable(value.get());
                if (read.isEmpty()) {
                    problem(key + " is empty: expected " + expected);
                }
                return read;
            } catch (RuntimeException e) {
                problem(key + ": expected " + expected + " (" + e.getMessage() + ")");
                return Optional.empty();
            }
        }
    }
}
