package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
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
    /** About two records: what one read decrypts to is kept while the hub wants no more, for each of thousands of connections. */
    private static final int MOST_TLS_READ_BYTES = 32_768;
    private static final int SMALLEST_READ_BYTES = 2048;

    private final ServerContext server;
    private final SocketKind kind;
    private final Loops loops;
    private final Optional<Tls> tls;

    Admission(ServerContext server, SocketKind kind, Loops loops, Optional<Tls> tls) {
        this.server = server;
        this.kind = kind;
        this.loops = loops;
        this.tls = tls;
    }

    @Override
    public void connected(SocketChannel accepted) {
        if (!server.connections().admit()) {
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
        Visitor visitor;
        try {
            visitor = kind.visitor(accepted);
            server.connections().admit(visitor);
        } catch (RefusedException unwanted) {
            turnAway(accepted);
            server.refusals().refused(unwanted.reason(), unwanted.getMessage());
            return;
        } catch (IOException gone) {
            turnAway(accepted);
            LOG.debug("{}: a client was gone before it was let in: {}", server.ingest().id(), gone.getMessage());
            return;
        }
        try {
            serve(visitor, accepted, loop);
        } catch (IOException | ChannelException gone) {
            close(accepted);
            server.connections().leave(visitor.origin());
            LOG.debug("{}: a client was gone before it was let in: {}", server.ingest().id(), gone.getMessage());
        }
    }

    private void serve(Visitor visitor, SocketChannel accepted, EventLoop loop) throws IOException {
        DuplexChannel channel = kind.channel(accepted);
        int most = tls.isPresent() ? Math.min(MOST_TLS_READ_BYTES, server.settings().readBytes()) : server.settings().readBytes();
        channel.config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(SMALLEST_READ_BYTES, Math.min(FIRST_READ_BYTES, most), most));
        channel.closeFuture().addListener(closed -> {
            server.connections().hasEntered(channel);
            server.connections().leave(visitor.origin());
        });
        if (tls.isPresent()) {
            channel.pipeline().addLast("tls", tls.get().handler(channel.alloc()));
            channel.pipeline().addLast("gate", new TlsGate(server, channel, accepted, visitor.peer()));
        } else {
            channel.pipeline().addLast("session", new Connection(server, channel, accepted, visitor.peer()));
        }
        loop.register(channel).addListener(registered -> {
            if (!registered.isSuccess()) {
                channel.unsafe().closeForcibly();
            }
        });
    }

    private void turnAway(SocketChannel accepted) {
        close(accepted);
        server.connections().leave();
    }

    private void close(SocketChannel accepted) {
        try {
            accepted.close();
        } catch (IOException failure) {
            LOG.debug("{}: a connection did not close in order: {}", server.ingest().id(), failure.getMessage());
        }
    }

    @Override
    public void acceptFailed(IOException cause) {
        server.connections().turnedAway("cannot accept a connection: " + cause.getMessage()
                + ". If these are too many open files, raise LimitNOFILE or lower max_connections");
    }
}
