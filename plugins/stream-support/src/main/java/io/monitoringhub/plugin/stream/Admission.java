package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.Ingest;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes accepted connections from the hub and hands each to one of the loops. Nothing of Netty happens on the hub's thread: Netty's thread
 * locals there would outlive the bundle. Used by one thread at a time, the hub's.
 */
final class Admission implements ConnectionReceiver {

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final int FIRST_READ_BYTES = 16 << 10;
    private static final int SMALLEST_READ_BYTES = 2048;

    private final Ingest ingest;
    private final SocketKind kind;
    private final StreamSettings settings;
    private final Loops loops;
    private final Connections connections;
    private final Refusals refusals;

    Admission(Ingest ingest, SocketKind kind, StreamSettings settings, Loops loops, Connections connections, Refusals refusals) {
        this.ingest = ingest;
        this.kind = kind;
        this.settings = settings;
        this.loops = loops;
        this.connections = connections;
        this.refusals = refusals;
    }

    @Override
    public void connected(SocketChannel accepted) {
        if (!connections.admit()) {
            close(accepted);
            return;
        }
        EventLoop loop = loops.next();
        try {
            loop.execute(() -> begin(accepted, loop));
        } catch (RejectedExecutionException stopped) {
            turnAway(accepted);
        }
    }

    private void begin(SocketChannel accepted, EventLoop loop) {
        try {
            Visitor visitor = kind.visitor(accepted);
            DuplexChannel channel = kind.channel(accepted);
            channel.config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(SMALLEST_READ_BYTES,
                    Math.min(FIRST_READ_BYTES, settings.readBytes()), settings.readBytes()));
            channel.closeFuture().addListener(closed -> connections.leave());
            channel.pipeline().addLast("session", new Connection(ingest, connections, channel, accepted, visitor.peer()));
            loop.register(channel).addListener(registered -> {
                if (!registered.isSuccess()) {
                    channel.unsafe().closeForcibly();
                }
            });
        } catch (RefusedException unwanted) {
            turnAway(accepted);
            refusals.refused(unwanted.reason(), unwanted.getMessage());
        } catch (IOException | ChannelException gone) {
            turnAway(accepted);
            LOG.debug("{}: a client was gone before it was let in: {}", ingest.id(), gone.getMessage());
        }
    }

    private void turnAway(SocketChannel accepted) {
        close(accepted);
        connections.leave();
    }

    private void close(SocketChannel accepted) {
        try {
            accepted.close();
        } catch (IOException failure) {
            LOG.debug("{}: a connection did not close in order: {}", ingest.id(), failure.getMessage());
        }
    }

    @Override
    public void acceptFailed(IOException cause) {
        connections.turnedAway("cannot accept a connection: " + cause.getMessage()
                + ". If these are too many open files, raise LimitNOFILE or lower max_connections");
    }
}
