package io.monitoringhub.distribution;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A connection over which somebody sends what nobody should, on any transport that takes a stream of bytes. Used by one thread at a time. */
final class HostilePeer implements AutoCloseable {

    private final SocketChannel channel;

    private HostilePeer(SocketChannel channel) {
        this.channel = channel;
    }

    static HostilePeer connect(SocketAddress hub) throws IOException {
        return new HostilePeer(SocketChannel.open(hub));
    }

    /** One from an address of its own: limits for each peer are then not those of the good clients. */
    static HostilePeer connect(SocketAddress from, SocketAddress hub) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.bind(from).connect(hub);
        } catch (IOException refused) {
            channel.close();
            throw refused;
        }
        return new HostilePeer(channel);
    }

    /** One that says hello first. @param further members of its data, each behind a comma */
    static HostilePeer session(SocketAddress hub, String further) throws IOException {
        return connect(hub).send(hello(further));
    }

    static String hello(String further) {
        return "{\"v\":1,\"type\":\"hello\",\"src\":\"hostile\",\"ts\":1,\"data\":{\"client\":\"" + UUID.randomUUID() + "\",\"next\":1" + further
                + "}}\n";
    }

    HostilePeer send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    HostilePeer send(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        return this;
    }

    /** Sends what the hub may end the connection in the middle of. */
    HostilePeer sendWhileItListens(byte[] bytes) {
        try {
            return send(bytes);
        } catch (IOException endedByTheHub) {
            return this;
        }
    }

    /** The next line from the hub; empty at the end of the connection. */
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (channel.read(one) > 0 && one.get(0) != '\n') {
            line.write(one.get(0));
            one.clear();
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** The lines up to one that holds this; fails if the connection ends before. */
    String until(String text) throws IOException {
        StringBuilder all = new StringBuilder();
        String line;
        do {
            line = line();
            all.append(line).append('\n');
            if (line.isEmpty()) {
                throw new AssertionError("the hub did not say " + text + ", but " + all);
            }
        } while (!line.contains(text));
        return all.toString();
    }

    /** Everything that the hub says until the connection ends, after we have sent our last byte. */
    String rest() throws IOException {
        try {
            channel.shutdownOutput();
        } catch (IOException reset) {
            // What had come by then can be read still.
        }
        return all();
    }

    /** Everything that the hub says until it ends the connection. */
    String all() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        try {
            while (channel.read(buffer) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        } catch (IOException reset) {
            // It is over either way.
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
