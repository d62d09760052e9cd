package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.nio.AbstractNioChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client. Reads as long as the hub wants more and the client takes its answers.
 *
 * <h2>How a connection ends</h2>
 * <ul>
 * <li>The peer has ended its side: what was sent to it leaves, then the socket is closed.
 * <li>The hub wants it ({@link #close}): nothing more is taken; what was sent leaves, followed by the end of our side; until the peer has ended
 * its own, what it sends is thrown away. A socket that is closed with unread bytes would be reset, and the reset would overtake the answers.
 * <li>The transport stops ({@link #drain}): what the peer has sent is taken, what was sent to it leaves, then the socket is closed.
 * <li>The connection breaks, or the session fails: the socket is closed.
 * </ul>
 * A peer that takes none of its answers for a while at its end loses them.
 *
 * <p>All state belongs to the channel's event loop, but for the outbox. The {@link Replies} side is thread-safe.
 */
final class Connection extends ChannelInboundHandlerAdapter implements Replies {

    static final String IDLE = "no line within idle_timeout";

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    /** What is on the way when a socket is found empty, to the hub and from its log, has this long to arrive. */
    private static final long SETTLE_MILLIS = 20;
    /** How long a peer may take none of its last answers, or keep its side open after them. */
    private static final long STALLED_MILLIS = 3000;

    private final ServerContext server;
    private final Ingest ingest;
    private final Connections connections;
    private final DuplexChannel channel;
    private final SocketChannel socket;
    private final Peer peer;
    private final Queue<ByteBuffer> outbox = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean outboxIsDue = new AtomicBoolean();
    private final long idleNanos;

    private Session session;
    private long lastLine;
    private boolean hubWantsMore = true;
    private boolean hasHeard;
    private boolean isEnding;
    private boolean peerHasEnded;

    Connection(ServerContext server, DuplexChannel channel, SocketChannel socket, Peer peer) {
        this.server = server;
        this.ingest = server.ingest();
        this.connections = server.connections();
        this.idleNanos = server.settings().idleTimeout().toNanos();
        this.channel = channel;
        this.socket = socket;
        this.peer = peer;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        try {
            session = ingest.open(peer, this);
            connections.add(this);
            if (idleNanos > 0) {
                lastLine = System.nanoTime();
                channel.eventLoop().schedule(this::endWhenIdle, idleNanos, TimeUnit.NANOSECONDS);
            }
        } catch (RuntimeException | LinkageError fault) {
            exceptionCaught(context, fault);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            hasHeard = true;
            if (idleNanos > 0 && hasNewline(bytes)) {
                lastLine = System.nanoTime();
            }
            if (!isEnding) {
                hubWantsMore = session.receive(bytes.nioBuffer());
            }
        } finally {
            bytes.release();
        }
        sendOutbox();
        readOrNot();
    }

    /** Looks from the end, where it nearly always is. */
    static boolean hasNewline(ByteBuf bytes) {
        for (int i = bytes.writerIndex() - 1; i >= bytes.readerIndex(); i--) {
            if (bytes.getByte(i) == '\n') {
                return true;
            }
        }
        return false;
    }

    /** Bytes alone are no sign of life: one that trickles them would stay for ever. One that the hub holds back is not idle. */
    private void endWhenIdle() {
        if (isEnding || !channel.isOpen()) {
            return;
        }
        long now = System.nanoTime();
        if (!wantsMore()) {
            lastLine = now;
        }
        long left = idleNanos - (now - lastLine);
        if (left > 0) {
            channel.eventLoop().schedule(this::endWhenIdle, left, TimeUnit.NANOSECONDS);
        } else {
            server.refusals().refused(IDLE, peer.toString());
            end();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        readOrNot();
    }

    private void readOrNot() {
        boolean read = !peerHasEnded && (isEnding || wantsMore());
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    private boolean wantsMore() {
        return hubWantsMore && channel.isWritable();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE || event == SslCloseCompletionEvent.SUCCESS) {
            peerHasEnded = true;
            if (channel.isOutputShutdown()) {
                channel.close();
            } else {
                end();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        endSession();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        endSession();
        channel.close();
    }

    /** The loop has ended, so nobody else touches the connection any more, and Netty can't close it. */
    void endWithoutLoop() {
        endSession();
        try {
            socket.close();
        } catch (IOException failure) {
            LOG.debug("{}: the connection with {} did not close in order: {}", ingest.id(), peer, failure.getMessage());
        }
    }

    private void endSession() {
        Session ended = session;
        if (ended != null) {
            session = null;
            isEnding = true;
            connections.remove(this);
            ended.end();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException && cause.getCause() instanceof IOException) {
            LOG.debug("{}: connection with {} broke: {}", ingest.id(), peer, cause.getMessage());
        } else {
            LOG.error("{}: connection with {} is closed because of a fault of the hub", ingest.id(), peer, cause);
        }
        context.close();
    }

    @Override
    public void send(ByteBuffer bytes) {
        outbox.add(bytes);
        if (outboxIsDue.compareAndSet(false, true)) {
            onLoop(this::sendOutbox);
        }
    }

    /** Sends all that waits, as one piece: an acknowledgement is far smaller than what a system call costs. */
    private void sendOutbox() {
        outboxIsDue.set(false);
        ByteBuffer first = outbox.poll();
        if (first == null) {
            return;
        }
        if (isEnding) {
            outbox.clear();
            return;
        }
        ByteBuf all = channel.alloc().ioBuffer(first.remaining());
        for (ByteBuffer bytes = first; bytes != null; bytes = outbox.poll()) {
            all.writeBytes(bytes);
        }
        channel.writeAndFlush(all, channel.voidPromise());
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
        // The hub's reasons begin with a code, or a few words that are always the same.
        server.refusals().refused("ended by the hub, " + reason.split(":", 2)[0], peer + ": " + reason);
        onLoop(this::end);
    }

    /**
     * Ends the connection once all that its peer has sent was taken and replies had a moment to come, at the latest at this time of
     * {@link System#nanoTime()}. A peer that goes on sending is no reason to wait.
     */
    void drain(long until) {
        onLoop(() -> endWhenEmpty(until, false));
    }

    private void endWhenEmpty(long until, boolean wasEmpty) {
        if (isEnding) {
            peerHasEnded = true;
            if (channel.isOutputShutdown()) {
                channel.close();
            }
            return;
        }
        hasHeard = false;
        if (wantsMore()) {
            // The loop may not have come to this socket for long, so that only a look into it tells whether there is something.
            ((AbstractNioChannel.NioUnsafe) channel.unsafe()).read();
        }
        boolean isEmpty = wantsMore() && !hasHeard;
        if (isEmpty && wasEmpty || System.nanoTime() - until >= 0) {
            peerHasEnded = true;
            end();
        } else {
            channel.eventLoop().schedule(() -> endWhenEmpty(until, isEmpty), SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Takes nothing more from the peer, lets pending replies leave, and ends the connection. */
    private void end() {
        if (isEnding) {
            return;
        }
        sendOutbox();
        isEnding = true;
        readOrNot();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(left -> {
            if (peerHasEnded || !left.isSuccess()) {
                channel.close();
            } else {
                shutdownOutput();
            }
        });
        if (channel.isOpen()) {
            closeWhenStalled(Long.MAX_VALUE);
        }
    }

    /** With TLS the end of our side is a message of its own. */
    private void shutdownOutput() {
        SslHandler tls = server.settings().tls().isPresent() ? channel.pipeline().get(SslHandler.class) : null;
        if (tls == null) {
            channel.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(said -> channel.shutdownOutput());
        }
    }

    private void closeWhenStalled(long pendingBefore) {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        long pending = unsent == null ? 0 : unsent.totalPendingWriteBytes();
        if (pending < pendingBefore) {
            channel.eventLoop().schedule(() -> closeWhenStalled(pending), STALLED_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            channel.close();
        }
    }

    private void onLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException stopped) {
            LOG.debug("{}: connection with {} has ended with its transport", ingest.id(), peer);
        }
    }
}
