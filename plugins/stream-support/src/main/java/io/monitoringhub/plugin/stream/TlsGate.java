package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a client in whose handshake has succeeded, and goes when it has sent its first line. Until then nothing of the hub is used for it.
 * Belongs to the channel's event loop.
 */
final class TlsGate extends ChannelInboundHandlerAdapter {

    static final String FAILED = "TLS handshake failed";
    static final String SILENT = "no line within handshake_timeout";

    private static final Logger LOG = LoggerFactory.getLogger(TlsGate.class);

    private final ServerContext server;
    private final DuplexChannel channel;
    private final SocketChannel socket;
    private final Peer peer;
    private Optional<Future<?>> deadline = Optional.empty();

    TlsGate(ServerContext server, DuplexChannel channel, SocketChannel socket, Peer peer) {
        this.server = server;
        this.channel = channel;
        this.socket = socket;
        this.peer = peer;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        server.connections().isEntering(channel);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                letIn(context);
            } else {
                server.refusals().refused(FAILED, peer + ": " + reason(handshake.cause()));
                context.close();
            }
        } else if (event == ChannelInputShutdownEvent.INSTANCE && deadline.isEmpty()) {
            // Who has gone before the end of the handshake need not be waited for.
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    /** Netty's words about a client without TLS hold all that it sent, and that can be a token. */
    private static String reason(Throwable cause) {
        return cause instanceof NotSslRecordException ? "it speaks no TLS" : String.valueOf(cause.getMessage());
    }

    private void letIn(ChannelHandlerContext context) {
        server.connections().hasEntered(channel);
        channel.pipeline().addLast("held", new HeldReads());
        channel.pipeline().addLast("session", new Connection(server, channel, socket, new Peer(peer.address(), user(context))));
        deadline = Optional.of(context.executor().schedule(() -> closeSilent(context), server.settings().handshakeTimeout().toMillis(),
                TimeUnit.MILLISECONDS));
    }

    /** Whom the client's certificate names, if it has shown one. */
    private static Optional<String> user(ChannelHandlerContext context) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        if (!tls.engine().getNeedClientAuth()) {
            return Optional.empty();
        }
        try {
            return Optional.of(tls.engine().getSession().getPeerPrincipal().getName());
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }

    private void closeSilent(ChannelHandlerContext context) {
        server.refusals().refused(SILENT, peer.toString());
        context.close();
    }

    /** With the first line, and with the connection. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        deadline.ifPresent(due -> due.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        boolean hasSpoken = Connection.hasNewline((ByteBuf) message);
        context.fireChannelRead(message);
        if (hasSpoken) {
            context.pipeline().remove(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("{}: TLS with {}: {}", server.ingest().id(), peer,
                reason(cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause));
        context.close();
    }
}
