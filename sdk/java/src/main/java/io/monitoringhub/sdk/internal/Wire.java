package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** What lies between lines and a socket that is never waited for. Used by one thread at a time. */
interface Wire {

    /** Whether lines can go over it; the socket is connected. To be called again until they can. */
    boolean begin() throws IOException;

    /** As {@link SocketChannel#read}. */
    int read(ByteBuffer into) throws IOException;

    /** Takes from {@code from} what the kernel has taken. */
    void write(ByteBuffer from) throws IOException;

    /** Whether something of its own waits to be written. */
    boolean hasOutput();

    /** Says good-bye if that can be done without waiting. The socket stays open. */
    void end();

    /** Bytes as they are. */
    static Wire clear(SocketChannel channel) {
        return new Wire() {
            @Override
            public boolean begin() {
                return true;
            }

            @Override
            public int read(ByteBuffer into) throws IOException {
                return channel.read(into);
            }

            @Override
            public void write(ByteBuffer from) throws IOException {
                channel.write(from);
            }

            @Override
            public boolean hasOutput() {
                return false;
            }

            @Override
            public void end() {
                // TCP says it.
            }
        };
    }
}
