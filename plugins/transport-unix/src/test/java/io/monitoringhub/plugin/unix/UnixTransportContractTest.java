package io.monitoringhub.plugin.unix;

import io.monitoringhub.spi.transport.Transport;
import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testkit.TransportContract;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Map;

class UnixTransportContractTest extends TransportContract {

    private int count;

    @Override
    protected Transport newTransport() {
        count++;
        return newTransportAt(home.resolve("run").resolve(count + ".sock").toAbsolutePath().toString());
    }

    @Override
    protected Transport newTransportAt(String address) {
        return new UnixTransport(ComponentConfig.of(UnixConfig.class, Map.of("path", address)));
    }

    @Override
    protected SocketChannel open(String address) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(address));
    }

    @Override
    protected String type() {
        return "unix";
    }
}
