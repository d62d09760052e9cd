package io.monitoringhub.plugin.unix;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.FileRegion;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.nio.AbstractNioByteChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;

/**
 * A connection over a Unix domain socket. Netty's own closes it as soon as the peer ends its side, with the answers that are still on their
 * way; this one says {@link ChannelInputShutdownEvent} and stays open. Used as all channels of Netty are.
 */
final class UnixChannel extends AbstractNioByteChannel implements DuplexChannel {

    private final ChannelConfig config = new Config();
    private volatile boolean isInputShutdown;
    private volatile boolean isOutputShutdown;

    UnixChannel(SocketChannel accepted) {
        super(null, accepted);
    }

    private SocketChannel socket() {
        return (SocketChannel) javaChannel();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isActive() {
        return socket().isOpen() && socket().isConnected();
    }

    /** The end of the peer's side is no number that Netty may see: it would close the channel. */
    @Override
    protected int doReadBytes(ByteBuf bytes) throws IOException {
        RecvByteBufAllocator.Handle handle = unsafe().recvBufAllocHandle();
        handle.attemptedBytesRead(bytes.writableBytes());
        int read = bytes.writeBytes(socket(), handle.attemptedBytesRead());
        if (read >= 0) {
            return read;
        }
        config.setAutoRead(false);
        if (!isInputShutdown) {
            isInputShutdown = true;
            eventLoop().execute(() -> pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE));
        }
        return 0;
    }

    @Override
    protected int doWriteBytes(ByteBuf bytes) throws IOException {
        return bytes.readBytes(socket(), bytes.readableBytes());
    }

    @Override
    protected long doWriteFileRegion(FileRegion region) {
        throw new UnsupportedOperationException("files are not sent");
    }

    @Override
    protected void doShutdownOutput() throws IOException {
        isOutputShutdown = true;
        socket().shutdownOutput();
    }

    @Override
    protected void doClose() throws Exception {
        isInputShutdown = true;
        isOutputShutdown = true;
        super.doClose();
        socket().close();
    }

    @Override
    public boolean isInputShutdown() {
        return isInputShutdown;
    }

    @Override
    public boolean isOutputShutdown() {
        return isOutputShutdown;
    }

    @Override
    public boolean isShutdown() {
        return isInputShutdown && isOutputShutdown;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        if (eventLoop().inEventLoop()) {
            ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
        } else {
            eventLoop().execute(() -> ((AbstractUnsafe) unsafe()).shutdownOutput(promise));
        }
        return promise;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return promise.setFailure(new UnsupportedOperationException("the peer's side is the peer's to end"));
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return close(promise);
    }

    @Override
    protected SocketAddress localAddress0() {
        return address(true);
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return address(false);
    }

    private SocketAddress address(boolean local) {
        try {
            return local ? socket().getLocalAddress() : socket().getRemoteAddress();
        } catch (IOException closed) {
            return null;
        }
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("it was accepted");
    }

    @Override
    protected boolean doConnect(SocketAddress remote, SocketAddress local) {
        throw new UnsupportedOperationException("it was accepted");
    }

    @Override
    protected void doFinishConnect() {
        throw new UnsupportedOperationException("it was accepted");
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    /** As soon as nothing more is to be read, nothing more is read. */
    private final class Config extends DefaultChannelConfig {

        Config() {
            super(UnixChannel.this);
        }

        @Override
        protected void autoReadCleared() {
            clearReadPending();
        }
    }
}
