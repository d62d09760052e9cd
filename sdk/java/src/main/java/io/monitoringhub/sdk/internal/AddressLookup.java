package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the hub's address without holding up the sender: a name server that doesn't answer may take half a minute, so names are looked up on a
 * thread of their own. Looked up again for each attempt; a name with several addresses gets them in turn. Used by one thread at a time.
 */
final class AddressLookup {

    private final Settings settings;
    private volatile InetAddress[] found;
    private volatile UnknownHostException failure;
    private boolean isPending;
    private int attempts;

    AddressLookup(Settings settings) {
        this.settings = settings;
    }

    boolean isPending() {
        return isPending;
    }

    /** The address; empty while it is being looked up. */
    Optional<SocketAddress> address() throws IOException {
        String host = settings.host();
        if (host.startsWith("/")) {
            return Optional.of(UnixDomainSocketAddress.of(Path.of(host)));
        }
        if (host.matches("[0-9.]+|.*:.*")) {
            return Optional.of(new InetSocketAddress(InetAddress.getByName(host), settings.port()));
        }
        if (!isPending) {
            isPending = true;
            found = null;
            failure = null;
            Thread thread = new Thread(this::lookUp, "monitoring-sdk-" + settings.source() + "-lookup");
            thread.setDaemon(true);
            thread.start();
        }
        UnknownHostException failed = failure;
        if (failed != null) {
            isPending = false;
            throw new IOException("cannot find the address of '" + host + "': check the host option or MONITORING_HOST", failed);
        }
        InetAddress[] addresses = found;
        if (addresses == null) {
            return Optional.empty();
        }
        isPending = false;
        return Optional.of(new InetSocketAddress(addresses[attempts++ % addresses.length], settings.port()));
    }

    private void lookUp() {
        try {
            found = InetAddress.getAllByName(settings.host());
        } catch (UnknownHostException e) {
            failure = e;
        }
    }
}
