package io.monitoringhub.plugin.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Keeps what one read decrypted to more than what is wanted, with the events after it, until reading goes on. It is never more than one read
 * and the record that the one before had begun.
 * Belongs to the channel's event loop.
 */
final class HeldReads extends ChannelDuplexHandler {

    private final Queue<Object> held = new ArrayDeque<>();
    private boolean isLettingGo;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (held.isEmpty() && context.channel().config().isAutoRead()) {
            context.fireChannelRead(message);
        } else {
            held.add(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (held.isEmpty()) {
            context.fireUserEventTriggered(event);
        } else {
            held.add(event);
        }
    }

    @Override
    public void read(ChannelHandlerContext context) {
        letGo(context);
        if (held.isEmpty()) {
            context.read();
        }
    }

    private void letGo(ChannelHandlerContext context) {
        if (isLettingGo) {
            return;
        }
        isLettingGo = true;
        while (!held.isEmpty() && (context.channel().config().isAutoRead() || !(held.peek() instanceof ByteBuf))) {
            Object next = held.poll();
            if (next instanceof ByteBuf) {
                context.fireChannelRead(next);
            } else {
                context.fireUserEventTriggered(next);
            }
        }
        isLettingGo = false;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        for (Object next = held.poll(); next != null; next = held.poll()) {
            if (next instanceof ByteBuf bytes) {
                bytes.release();
            }
        }
    }
}
