package io.monitoringhub.plugin.tcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Socket addresses as people write them. */
final class Addresses {

    private Addresses() { }

    /** {@code 127.0.0.1:17000}, {@code [::1]:17000}; {@code gone} when the socket has no address any more. */
    static String text(SocketAddress address) {
        return address instanceof InetSocketAddress socket ? host(socket) + ":" + socket.getPort() : "gone";
    }

    private static String host(InetSocketAddress socket) {
        InetAddress address = socket.getAddress();
        String host = address == null ? socket.getHostString() : address.getHostAddress();
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }
}
