package io.monitoringhub.plugin.tcp;

import io.monitoringhub.plugin.stream.SettingsCheck;
import io.monitoringhub.plugin.stream.StreamSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param address where to listen
 * @param streams how connections are served
 */
record TcpSettings(InetSocketAddress address, StreamSettings streams) {

    /** @throws IllegalArgumentException that names every problem at once */
    static TcpSettings from(TcpConfig config) {
        SettingsCheck check = new SettingsCheck();
        InetAddress bind = bind(config, check);
        int port = check.within("port", config::port, 0, 65_535);
        StreamSettings streams = StreamSettings.read(check, config::max__connections, config::io__threads, config::read__bytes);
        check.done();
        return new TcpSettings(new InetSocketAddress(bind, port), streams);
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
