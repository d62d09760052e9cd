package io.monitoringhub.plugin.tcp;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes newline-terminated JSON messages over TCP. Back-pressure is made by not reading. */
@Component(service = Transport.class, configurationPid = "hub.transport.tcp", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=tcp")
@Designate(ocd = TcpConfig.class, factory = true)
public final class TcpTransport implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(TcpTransport.class);
    private static final int BACKLOG = 1024;
    private static final int FIRST_READ_BYTES = 16 << 10;
    private static final int SMALLEST_READ_BYTES = 2048;

    private final TcpConfig config;
    private EventLoopGroup loops;
    private Channel listener;
    private Connections connections;
    private volatile String address = "";

    @Activate
    public TcpTransport(TcpConfig config) {
        this.config = config;
    }

    @Override
    public void start(Ingest ingest) throws IOException, InterruptedException {
        TcpSettings settings = TcpSettings.from(config);
        connections = new Connections(ingest, settings.maxConnections());
        loops = new MultiThreadIoEventLoopGroup(settings.ioThreads(), new DefaultThreadFactory(ingest.id().threadName()),
                NioIoHandler.newFactory());
        ChannelFuture bound = new ServerBootstrap().group(loops).channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(SMALLEST_READ_BYTES,
                        Math.min(FIRST_READ_BYTES, settings.readBytes()), settings.readBytes()))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connections.admit(channel);
                    }
                })
                .bind(settings.address()).await();
        if (!bound.isSuccess()) {
            stop(Duration.ZERO);
            throw new IOException("cannot listen on " + settings.address().getHostString() + ":" + settings.address().getPort() + ": "
                    + bound.cause().getMessage() + ". Choose another port or stop the program that uses it", bound.cause());
        }
        listener = bound.channel();
        InetSocketAddress local = (InetSocketAddress) listener.localAddress();
        address = local.getAddress().getHostAddress() + ":" + local.getPort();
        LOG.info("{}: listening on {}", ingest.id(), address);
    }

    @Override
    public void stop(Duration grace) throws InterruptedException {
        try {
            if (listener != null) {
                listener.close().await();
                connections.drain(grace);
            }
        } finally {
            address = "";
            listener = null;
            if (loops != null) {
                loops.shutdownGracefully(0, Math.max(1, grace.toMillis()), TimeUnit.MILLISECONDS);
                loops.terminationFuture().await(grace.toMillis() + 1000);
                loops = null;
            }
        }
    }

    @Override
    public String address() {
        return address;
    }
}
