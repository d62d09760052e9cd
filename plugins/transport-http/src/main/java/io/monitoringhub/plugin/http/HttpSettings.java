package io.monitoringhub.plugin.http;

import io.monitoringhub.plugin.http.server.ServerLimits;
import io.monitoringhub.plugin.http.server.TlsFiles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param address where to listen
 * @param tls the files for TLS; empty for none
 * @param server limits of connections
 * @param bodies limits of requests
 */
record HttpSettings(InetSocketAddress address, Optional<TlsFiles> tls, ServerLimits server, BodyLimits bodies) {

    /**
     * Reads a configuration.
     *
     * @param paths makes a configured path absolute
     * @throws IllegalArgumentException that names every problem at once
     */
    static HttpSettings from(HttpConfig config, Function<String, Path> paths) {
        List<String> problems = new ArrayList<>();
        InetAddress bind = bind(config, problems);
        int port = within("port", config::port, 0, 65_535, problems);
        Optional<TlsFiles> tls = tls(config, paths, problems);
        int connections = within("max_connections", config::max__connections, 1, 1_000_000, problems);
        int ofPeer = within("max_connections_per_peer", config::max__connections__per__peer, 1, 1_000_000, problems);
        int header = within("max_header_bytes", config::max__header__bytes, 1024, 1 << 20, problems);
        int body = within("max_body_bytes", config::max__body__bytes, 1024, 256 << 20, problems);
        int inflated = within("max_inflated_bytes", config::max__inflated__bytes, 1024, 1 << 30, problems);
        int idle = within("idle_timeout", config::idle__timeout, 1, 86_400, problems);
        int headerSeconds = within("header_timeout", config::header__timeout, 1, 3_600, problems);
        int request = within("request_timeout", config::request__timeout, 1, 3_600, problems);
        int rate = within("min_body_rate", config::min__body__rate, 0, 1 << 30, problems);
        if (inflated < body && problems.isEmpty()) {
            problems.add("max_inflated_bytes " + inflated + ": expected at least max_body_bytes, which is " + body);
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        return new HttpSettings(new InetSocketAddress(bind, port), tls,
                new ServerLimits(connections, ofPeer, header, Duration.ofSeconds(idle), Duration.ofSeconds(headerSeconds)),
                new BodyLimits(body, inflated, rate, Duration.ofSeconds(request)));
    }

    private static InetAddress bind(HttpConfig config, List<String> problems) {
        String bind = config.bind();
        try {
            if (bind != null && !bind.isBlank()) {
                return InetAddress.getByName(bind);
            }
        } catch (UnknownHostException unknown) {
            // said below
        }
        problems.add("bind '" + bind + "': expected an address of this machine such as 127.0.0.1, or 0.0.0.0 for all");
        return InetAddress.getLoopbackAddress();
    }

    private static Optional<TlsFiles> tls(HttpConfig config, Function<String, Path> paths, List<String> problems) {
        Optional<Path> certificate = path(config.tls_certificate(), paths);
        Optional<Path> key = path(config.tls_key(), paths);
        Optional<Path> clientCa = path(config.tls_client__ca(), paths);
        if (certificate.isPresent() != key.isPresent()) {
            problems.add("tls.certificate and tls.key: expected both or none, for a certificate is of no use without its key");
        } else if (clientCa.isPresent() && certificate.isEmpty()) {
            problems.add("tls.client_ca: expected tls.certificate and tls.key beside it");
        }
        return certificate.isPresent() && key.isPresent() ? Optional.of(new TlsFiles(certificate.get(), key.get(), clientCa))
                : Optional.empty();
    }

    private static Optional<Path> path(String configured, Function<String, Path> paths) {
        return configured == null || configured.isBlank() ? Optional.empty() : Optional.of(paths.apply(configured));
    }

    /** Declarative Services converts a value when it is asked for, and throws an unchecked exception of its own if it can't. */
    private static int within(String key, Supplier<Integer> value, int least, int most, List<String> problems) {
        String expected = "expected a number from " + least + " to " + most;
        try {
            int number = value.get();
            if (number < least || number > most) {
                problems.add(key + " '" + number + "': " + expected);
            }
            return number;
        } catch (RuntimeException unreadable) {
            problems.add(key + ": " + expected + " (" + unreadable.getMessage() + ")");
            return least;
        }
    }
}
