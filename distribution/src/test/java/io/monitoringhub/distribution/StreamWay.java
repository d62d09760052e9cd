package io.monitoringhub.distribution;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A transport that takes a stream of bytes, as hostile peers meet it. Immutable.
 *
 * @param name its name in the configuration
 * @param address where to connect
 * @param idleConnections how many that do nothing it is to bear
 */
record StreamWay(String name, Function<SteadyHub, SocketAddress> address, int idleConnections) {

    static Stream<StreamWay> all() {
        return Stream.of(
                new StreamWay("tcp", hub -> new InetSocketAddress(InetAddress.getLoopbackAddress(), hub.tcpPort()), 10_000),
                new StreamWay("unix", hub -> UnixDomainSocketAddress.of(hub.packaged().data().resolve("run/ingest.sock")), 2_000));
    }

    @Override
    public String toString() {
        return name;
    }
}
