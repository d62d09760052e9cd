package io.monitoringhub.plugin.tcp;

import io.monitoringhub.spi.transport.Transport;
import io.monitoringhub.testkit.TransportContract;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Map;

class TcpTransportContractTest extends TransportContract {

    @Override
    protected Transport newTransport() {
        return new TcpTransport(TestConfig.of(Map.of("port", 0)));
    }

    @Override
    protected Transport newTransportAt(String address) {
        return new TcpTransport(TestConfig.of(Map.of("port", port(address))));
    }

    @Override
    protected SocketChannel open(String address) throws IOException {
        return SocketChannel.open(new InetSocketAddress("127.0.0.1", port(address)));
    }

    @Override
    protected String type() {
        return "tcp";
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
