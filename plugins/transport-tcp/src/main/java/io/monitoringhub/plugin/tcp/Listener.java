package io.monitoringhub.plugin.tcp;

import io.monitoringhub.spi.transport.Ingest;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.AbstractNioChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections and hands each to one of the loops. All but opening and closing belongs to the event loop of its channel. */
final class Listener extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final int BACKLOG = 1024;
    private static final int FIRST_READ_BYTES = 16 << 10;
    private static final int SMALLEST_READ_BYTES = 2048;
    /** How long no connection is accepted after that has failed, as it does when there are no file descriptors left. */
    private static final long PAUSE_MILLIS = 1000;

    private final Ingest ingest;
    private final TcpSettings settings;
    private final Loops loops;
    private final Connections connections;
    private Channel channel;
    private int accepted;

    private Listener(Ingest ingest, TcpSettings settings, Loops loops, Connections connections) {
        this.ingest = ingest;
        this.settings = settings;
        this.loops = loops;
        this.connections = connections;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException when the address can't be used now; the message says what to do
     */
    static Listener open(Ingest ingest, TcpSettings settings, Loops loops, Connections connections) throws IOException, InterruptedException {
        Listener listener = new Listener(ingest, settings, loops, connections);
        // On the loop, for Netty's thread locals there end with the thread. Those of this thread would outlive the bundle.
        EventLoop loop = loops.next();
        Future<ChannelFuture> bind = loop.submit(() -> listener.bind(loop)).await();
        Future<?> result = bind.isSuccess() ? bind.getNow().await() : bind;
        if (!result.isSuccess()) {
            String problem = String.valueOf(result.cause().getMessage());
            throw new IOException("cannot listen on " + Addresses.text(settings.address()) + ": " + problem + ". " + remedy(problem),
                    result.cause());
        }
        listener.channel = bind.getNow().channel();
        return listener;
    }

    private ChannelFuture bind(EventLoop loop) {
        NioServerSocketChannel server = new NioServerSocketChannel();
        server.config().setBacklog(BACKLOG).setReuseAddress(true);
        server.pipeline().addLast("listener", this);
        loop.register(server);
        return server.bind(settings.address());
    }

    SocketAddress address() {
        return channel.localAddress();
    }

    /** Accepts those who have connected already, for they may have sent something, then ends listening. */
    void close() throws InterruptedException {
        channel.eventLoop().submit(() -> {
            int before = -1;
            for (int round = 0; round < BACKLOG && accepted != before; round++) {
                before = accepted;
                ((AbstractNioChannel.NioUnsafe) channel.unsafe()).read();
            }
            channel.close();
        }).await();
        channel.closeFuture().await();
    }

    private static String remedy(String message) {
        if (message.startsWith("Permission denied")) {
            return "Choose a port above 1023, or give the hub the right to lower ones (CAP_NET_BIND_SERVICE)";
        }
        if (message.startsWith("Cannot assign")) {
            return "No network interface of this machine has this address: change 'bind'";
        }
        return "Choose another port or stop the program that uses it";
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        accepted++;
        SocketChannel client = (SocketChannel) message;
        if (!configure(client.config()) || !connections.admit(client)) {
            client.unsafe().closeForcibly();
            return;
        }
        client.pipeline().addLast("session", new Connection(ingest, connections, client));
        loops.next().register(client).addListener(registered -> {
            if (!registered.isSuccess()) {
                client.unsafe().closeForcibly();
            }
        });
    }

    private boolean configure(SocketChannelConfig config) {
        try {
            config.setTcpNoDelay(true).setKeepAlive(true).setAllowHalfClosure(true);
            config.setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(SMALLEST_READ_BYTES,
                    Math.min(FIRST_READ_BYTES, settings.readBytes()), settings.readBytes()));
            return true;
        } catch (ChannelException gone) {
            LOG.debug("{}: a client was gone before it was let in: {}", ingest.id(), gone.getMessage());
            return false;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        connections.turnedAway("cannot accept a connection: " + cause.getMessage()
                + ". If these are too many open files, raise LimitNOFILE or lower max_connections");
        context.channel().config().setAutoRead(false);
        context.executor().schedule(() -> context.channel().config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
