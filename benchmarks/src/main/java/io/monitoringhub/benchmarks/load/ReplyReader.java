package io.monitoringhub.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/** Cuts what the hub sends into replies. Used by one thread at a time. */
final class ReplyReader {
    /** Is given every reply, and may end the connection. */
    @FunctionalInterface
    interface Receiver {
        void accept(Reply reply) throws IOException;
    }

    private final ByteBuffer bytes = ByteBuffer.allocate(16 * 1024);

    /** Reads what is there without waiting. */
    void read(ReadableByteChannel channel, Receiver replies) throws IOException {
        int count;
        while ((count = channel.read(bytes)) > 0) {
            deliver(replies);
            if (!bytes.hasRemaining()) {
                throw new IOException("the hub sent a reply of more than " + bytes.capacity() + " bytes: is this a hub's port?");
            }
        }
        if (count < 0) {
            throw new EOFException("the hub closed the connection");
        }
    }

    /** Forgets a partial reply of a connection that broke. */
    void clear() {
        bytes.clear();
    }

    private void deliver(Receiver replies) throws IOException {
        int start = 0;
        for (int i = 0; i < bytes.position(); i++) {
            if (bytes.get(i) == '\n') {
                replies.accept(Reply.parse(new String(bytes.array(), start, i - start, StandardCharsets.UTF_8)));
                start = i + 1;
            }
        }
        bytes.limit(bytes.position()).position(start);
        bytes.compact();
    }
}
