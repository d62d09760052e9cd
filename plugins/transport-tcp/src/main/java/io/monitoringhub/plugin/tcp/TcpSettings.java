package io.monitoringhub.plugin.tcp;

import io.monitoringhub.plugin.stream.SettingsCheck;
import io.monitoringhub.plugin.stream.StreamSettings;
import io.monitoringhub.plugin.stream.TlsFiles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param address where to listen
 * @param streams how connections are served
 */
record TcpSettings(InetSocketAddress address, StreamSettings streams) {

    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /**
     * @param paths makes paths absolute
     * @throws IllegalArgumentException that names every problem at once
     */
    static TcpSettings from(TcpConfig config, UnaryOperator<Path> paths) {
        SettingsCheck check = new SettingsCheck();
        InetAddress bind = bind(config, check);
        int port = check.within("port", config::port, 0, 65_535);
        StreamSettings streams = StreamSettings.read(check, new StreamSettings.Limits(config::max__connections,
                config::max__connections__per__peer, config::idle__timeout), config::io__threads, config::read__bytes);
        Optional<TlsFiles> tls = tls(config, check, paths);
        int handshake = check.within("tls.handshake_timeout", config::tls_handshake__timeout, 1, 3600);
        check.done();
        return new TcpSettings(new InetSocketAddress(bind, port),
                tls.map(files -> streams.with(files, Duration.ofSeconds(handshake))).orElse(streams));
    }

    private static Optional<TlsFiles> tls(TcpConfig config, SettingsCheck check, UnaryOperator<Path> paths) {
        if (config.tls_certificate().isBlank() != config.tls_key().isBlank()) {
            check.problem("tls.certificate and tls.key: expected both, or none for connections without TLS");
        }
        if (config.tls_certificate().isBlank()) {
            if (!config.tls_client__ca().isBlank()) {
                check.problem("tls.client_ca: expected tls.certificate and tls.key too: clients are asked for theirs by a server that has one");
            }
            return Optional.empty();
        }
        for (String protocol : config.tls_protocols()) {
            if (!PROTOCOLS.contains(protocol)) {
                check.problem("tls.protocols '" + protocol + "': expected some of " + String.join(", ", PROTOCOLS));
            }
        }
        List<String> protocols = config.tls_protocols().length == 0 ? PROTOCOLS : List.of(config.tls_protocols());
        Optional<Path> clientCa = Optional.of(config.tls_client__ca()).filter(path -> !path.isBlank()).map(path -> paths.apply(Path.of(path)));
        return Optional.of(new TlsFiles(paths.apply(Path.of(config.tls_certificate())), paths.apply(Path.of(config.tls_key())), clientCa,
                protocols, List.of(config.tls_ciphers())));
    }

    private static InetAddress bind(TcpConfig config, SettingsCheck check) {
        String bind = config.bind();
        try {
            if (bind != null && !bind.isBlank()) {
                return InetAddress.getByName(bind);
            }
        } catch (UnknownHostException unknown) {
            // said below
        }
        check.problem("bind '" + bind + "': expected an address of this machine such as 127.0.0.1, or 0.0.0.0 for all");
        return InetAddress.getLoopbackAddress();
    }
}
