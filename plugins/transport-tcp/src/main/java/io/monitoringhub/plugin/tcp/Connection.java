package io.monitoringhub.plugin.tcp;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client. Reads as long as the hub wants more and the client takes its answers.
 *
 * <p>All state belongs to the channel's event loop; the {@link Replies} side is thread-safe.
 */
final class Connection extends ChannelInboundHandlerAdapter implements Replies {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    /** A connection that has brought nothing for this long has nothing in hand. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Ingest ingest;
    private final Channel channel;
    private final Peer peer;
    private Session session;
    private boolean hubWantsMore = true;
    private long lastRead;

    Connection(Ingest ingest, Channel channel) {
        this.ingest = ingest;
        this.channel = channel;
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        this.peer = new Peer(remote == null ? "gone" : remote.getAddress().getHostAddress() + ":" + remote.getPort());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        session = ingest.open(peer, this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            lastRead = System.nanoTime();
            // Before the call: the hub may ask for more from another thread while it is still under way.
            hubWantsMore = false;
            boolean more = true;
            for (ByteBuffer part : bytes.nioBuffers()) {
                more = session.receive(part);
            }
            if (more) {
                hubWantsMore = true;
            }
            readOrNot();
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        readOrNot();
        context.fireChannelWritabilityChanged();
    }

    private void readOrNot() {
        boolean read = hubWantsMore && channel.isWritable();
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.end();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        session.end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("{}: connection with {} broke: {}", ingest.id(), peer, cause.getMessage());
        } else {
            LOG.error("{}: connection with {} is closed because of a fault of the hub", ingest.id(), peer, cause);
        }
        context.close();
    }

    /** Ends the connection once its peer has been quiet for a moment, at the latest at this time of {@link System#nanoTime()}. */
    void drain(long readUntil) {
        onLoop(() -> endWhenQuiet(readUntil));
    }

    private void endWhenQuiet(long readUntil) {
        long now = System.nanoTime();
        boolean quiet = now - lastRead > QUIET_NANOS && hubWantsMore;
        if (quiet || now - readUntil >= 0) {
            channel.config().setAutoRead(false);
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            channel.eventLoop().schedule(() -> endWhenQuiet(readUntil), QUIET_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void send(ByteBuffer bytes) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(bytes), channel.voidPromise());
    }

    @Override
    public void resume() {
        onLoop(() -> {
            hubWantsMore = true;
            readOrNot();
        });
    }

    @Override
    public void close(String reason) {
        LOG.info("{}: ending the connection with {}: {}", ingest.id(), peer, reason);
        onLoop(() -> channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE));
    }

    private void onLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException stopped) {
            LOG.debug("{}: connection with {} has ended with its transport", ingest.id(), peer);
        }
    }
}
