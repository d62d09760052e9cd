package io.monitoringhub.sdk.internal;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.Deflater;

/** One socket that is never waited for: bytes out, lines in. Used by one thread at a time. */
final class Connection {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int LONGEST_ANSWER = 16_384;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Wire wire;
    private final ByteBuffer in = ByteBuffer.allocate(LONGEST_ANSWER);
    private ByteBuffer out = NOTHING;
    private Optional<Deflater> deflater = Optional.empty();
    private boolean isOpen;
    private boolean isUp;

    private Connection(SocketChannel channel, Wire wire, Selector selector) throws IOException {
        this.channel = channel;
        this.wire = wire;
        channel.configureBlocking(false);
        key = channel.register(selector, SelectionKey.OP_CONNECT);
    }

    static Connection begin(SocketAddress address, Selector selector, Settings settings) throws IOException {
        boolean local = address instanceof UnixDomainSocketAddress;
        SocketChannel channel = local ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            if (!local) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true).setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            boolean hidden = settings.tls().isPresent() && !local;
            Wire wire = hidden ? new TlsWire(channel, settings.tls().get().engine(settings.host(), settings.port())) : Wire.clear(channel);
            Connection connection = new Connection(channel, wire, selector);
            connection.isOpen = channel.connect(address);
            return connection;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Whether the connection stands, and can carry lines. */
    boolean finish() throws IOException {
        isOpen = isOpen || channel.finishConnect();
        isUp = isUp || isOpen && wire.begin();
        return isUp;
    }

    boolean hasOutput() {
        return out.hasRemaining();
    }

    /** From now on all output is compressed, as one zlib stream. */
    void compress() {
        deflater = Optional.of(new Deflater(Deflater.BEST_SPEED));
    }

    /** What to write next; only when there is nothing left to write. */
    void output(byte[] bytes) {
        out = deflater.map(stream -> deflate(stream, bytes)).orElseGet(() -> ByteBuffer.wrap(bytes));
    }

    /** So that the other side can inflate all of it at once. */
    private static ByteBuffer deflate(Deflater stream, byte[] bytes) {
        stream.setInput(bytes);
        byte[] all = new byte[bytes.length / 4 + 256];
        int length = 0;
        while (true) {
            length += stream.deflate(all, length, all.length - length, Deflater.SYNC_FLUSH);
            if (length < all.length) {
                return ByteBuffer.wrap(all, 0, length);
            }
            all = Arrays.copyOf(all, all.length * 2);
        }
    }

    /** Writes what the kernel takes; whether that was all. If that fails, what the hub has said before it went may tell why: that is handed over. */
    boolean write(Answers answers) throws IOException {
        try {
            if (out.hasRemaining()) {
                wire.write(out);
            }
            return !out.hasRemaining();
        } catch (IOException e) {
            try {
                read(answers);
            } catch (IOException alsoEnded) {
                e.addSuppressed(alsoEnded);
            }
            throw e;
        }
    }

    /** Lines of the output that the kernel has not wholly taken. */
    int unsentLines() {
        int lines = 0;
        for (int i = out.position(); i < out.limit(); i++) {
            if (out.get(i) == '\n') {
                lines++;
            }
        }
        return lines;
    }

    /** Takes a line that the hub has sent. */
    interface Answers {
        void line(String line) throws IOException;
    }

    /** Hands over every whole line that has come. */
    void read(Answers answers) throws IOException {
        int got = wire.read(in);
        while (got > 0) {
            lines(answers);
            if (!in.hasRemaining()) {
                throw new GivenUpException("the hub sends no lines: is this the hub's port?");
            }
            got = wire.read(in);
        }
        if (got < 0) {
            throw new EOFException("connection closed by the hub");
        }
    }

    private void lines(Answers answers) throws IOException {
        int from = 0;
        for (int i = 0; i < in.position(); i++) {
            if (in.get(i) == '\n') {
                answers.line(new String(in.array(), from, i - from, StandardCharsets.UTF_8));
                from = i + 1;
            }
        }
        in.flip().position(from);
        in.compact();
    }

    /** Tells the selector what is worth waking up for. */
    void interest() {
        if (key.isValid()) {
            key.interestOps(!isOpen ? SelectionKey.OP_CONNECT
                    : out.hasRemaining() || wire.hasOutput() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        }
    }

    void close() {
        deflater.ifPresent(Deflater::end);
        wire.end();
        try {
            channel.close();
        } catch (IOException nothingToSave) {
            // It is being given up, and what was not confirmed is sent again.
        }
    }
}
