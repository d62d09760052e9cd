package io.monitoringhub.sdk.internal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/** TLS over a socket that is never waited for. Used by one thread at a time. */
final class TlsWire implements Wire {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private enum Got { A_RECORD, NOTHING_YET, THE_END }

    private final SocketChannel channel;
    private final SSLEngine engine;
    /** What came and is not decrypted: written to its position. */
    private ByteBuffer encrypted;
    /** What is decrypted and not taken: read from its position. */
    private ByteBuffer decrypted;
    /** What the socket has not taken: read from its position. */
    private ByteBuffer record;
    /** Bytes of the present output that are in {@link #record}: the output's only when the kernel has all of it. */
    private int wrapped;
    private boolean hasBegun;

    TlsWire(SocketChannel channel, SSLEngine engine) {
        this.channel = channel;
        this.engine = engine;
        encrypted = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        decrypted = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
        record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize()).flip();
    }

    @Override
    public boolean begin() throws IOException {
        if (!hasBegun) {
            engine.beginHandshake();
            hasBegun = true;
        }
        try {
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> work();
                    case NEED_WRAP -> {
                        if (!flush()) {
                            return false;
                        }
                        wrap(NOTHING);
                    }
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                        Got got = flush() ? unwrap() : Got.NOTHING_YET;
                        if (got == Got.THE_END) {
                            throw new EOFException("the hub ended the connection in the TLS handshake: is this its TLS port?");
                        }
                        if (got == Got.NOTHING_YET) {
                            return false;
                        }
                    }
                    default -> {
                        return flush();
                    }
                }
            }
        } catch (SSLException e) {
            throw told(e);
        }
    }

    private static IOException told(SSLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return new IOException("certificate verify failed: " + cause.getMessage()
                        + "; name who signed the hub's certificate in tlsCa, and the hub by a name that is in it", e);
            }
        }
        return new IOException("TLS: " + e.getMessage(), e);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        while (!decrypted.hasRemaining()) {
            Got got = unwrap();
            if (got != Got.A_RECORD) {
                return got == Got.THE_END ? -1 : 0;
            }
            // New keys ask for an answer; if there is output, it goes before that.
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && flush()) {
                wrap(NOTHING);
                flush();
            }
        }
        int count = Math.min(into.remaining(), decrypted.remaining());
        into.put(decrypted.slice(decrypted.position(), count));
        decrypted.position(decrypted.position() + count);
        return count;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        while (flush()) {
            from.position(from.position() + wrapped);
            wrapped = 0;
            if (!from.hasRemaining()) {
                return;
            }
            wrapped = wrap(from.duplicate());
        }
    }

    @Override
    public boolean hasOutput() {
        return record.hasRemaining();
    }

    @Override
    public void end() {
        engine.closeOutbound();
        try {
            if (hasBegun && flush()) {
                wrap(NOTHING);
                flush();
            }
        } catch (IOException nobodyThere) {
            // The connection is being given up; whoever is still there sees it end.
        }
    }

    private boolean flush() throws IOException {
        if (record.hasRemaining()) {
            channel.write(record);
        }
        return !record.hasRemaining();
    }

    /** Encrypts one record's worth, or what TLS itself has to say; how many bytes that took. */
    private int wrap(ByteBuffer from) throws IOException {
        while (true) {
            record.clear();
            SSLEngineResult result;
            try {
                result = engine.wrap(from, record);
            } finally {
                record.flip();
            }
            work();
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                record = ByteBuffer.allocate(Math.max(record.capacity() * 2, engine.getSession().getPacketBufferSize())).flip();
            } else if (result.bytesProduced() == 0 && from.hasRemaining()) {
                throw new EOFException("connection closed by the hub");
            } else {
                return result.bytesConsumed();
            }
        }
    }

    private Got unwrap() throws IOException {
        while (true) {
            decrypted.clear();
            encrypted.flip();
            SSLEngineResult result;
            try {
                result = engine.unwrap(encrypted, decrypted);
            } finally {
                encrypted.compact();
                decrypted.flip();
            }
            work();
            switch (result.getStatus()) {
                case OK -> {
                    return Got.A_RECORD;
                }
                case CLOSED -> {
                    return Got.THE_END;
                }
                case BUFFER_OVERFLOW -> decrypted =
                        ByteBuffer.allocate(Math.max(decrypted.capacity() * 2, engine.getSession().getApplicationBufferSize())).flip();
                default -> {
                    if (!encrypted.hasRemaining()) {
                        encrypted = ByteBuffer.allocate(encrypted.capacity() * 2).put(encrypted.flip());
                    }
                    int got = channel.read(encrypted);
                    if (got <= 0) {
                        return got == 0 ? Got.NOTHING_YET : Got.THE_END;
                    }
                }
            }
        }
    }

    /** The checks and sums of a handshake, some milliseconds: on this thread, which has nothing else to do until they are done. */
    private void work() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }
}
