package io.monitoringhub.testservers;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loopback ports for servers that bind them later, and again after a restart. They lie below those that the system gives to outgoing connections and to
 * whoever binds port 0: one of these could be gone by then, and a client that keeps trying while its server is down could even reach itself.
 *
 * <p>Thread-safe.
 */
final class FreePorts {

    private static final Path GIVEN_AWAY = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int LOWEST = 20_000;
    private static final int USUAL_END = 32_768;
    /** So that two servers of one process never get the same; processes beside each other begin elsewhere. */
    private static final AtomicInteger LAST = new AtomicInteger(ThreadLocalRandom.current().nextInt(USUAL_END));

    private FreePorts() {
    }

    static int next() throws IOException {
        int count = end() - LOWEST;
        for (int i = 0; i < count; i++) {
            int port = LOWEST + Math.floorMod(LAST.incrementAndGet(), count);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // The next one.
            }
        }
        throw new IOException("no free port from " + LOWEST + " to " + (end() - 1));
    }

    /** The first port that the system gives away; the usual one where it gives away nearly all. */
    static int end() throws IOException {
        if (!Files.exists(GIVEN_AWAY)) {
            return USUAL_END;
        }
        int first = Integer.parseInt(Files.readString(GIVEN_AWAY).strip().split("\\s+")[0]);
        return first > LOWEST + 1_000 ? first : USUAL_END;
    }
}
