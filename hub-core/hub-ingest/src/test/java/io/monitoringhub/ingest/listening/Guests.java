package io.monitoringhub.ingest.listening;

import io.monitoringhub.spi.transport.ConnectionReceiver;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps who was handed over, and what accepting failed with. Thread-safe. */
final class Guests implements ConnectionReceiver, AutoCloseable {

    private final List<SocketChannel> all = new CopyOnWriteArrayList<>();
    private final List<IOException> failures = new CopyOnWriteArrayList<>();

    @Override
    public void connected(SocketChannel channel) {
        all.add(channel);
    }

    @Override
    public void acceptFailed(IOException cause) {
        failures.add(cause);
    }

    int count() {
        return all.size();
    }

    List<SocketChannel> all() {
        return all;
    }

    List<IOException> failures() {
        return failures;
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : all) {
            channel.close();
        }
    }
}
