package io.monitoringhub.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The limit that a hub written in Java is compared with: copies every connection into a file of its own and looks at no byte.
 *
 * <p>Command: {@code --port N (0 = any, printed), --files FOLDER, --sync BYTES} (fdatasync after so many bytes of a
 * connection, 0 = never). Runs until it is killed. Thread-safe.
 */
public final class RawSink implements AutoCloseable {
    private static final int READ_BYTES = 256 * 1024;

    private final ServerSocketChannel server;
    private final Path files;
    private final long syncBytes;
    private final Thread acceptor;

    /** Listens on 127.0.0.1. @param port 0 for any that is free */
    public RawSink(int port, Path files, long syncBytes) throws IOException {
        this.files = Files.createDirectories(files);
        this.syncBytes = syncBytes;
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
        acceptor = new Thread(this::accept, "raw-sink-accept");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    /** Runs the command. */
    public static void main(String[] words) throws IOException, InterruptedException {
        Arguments arguments = new Arguments(words);
        try (RawSink sink = new RawSink((int) arguments.number("port", 0), Path.of(arguments.required("files")), arguments.number("sync", 0))) {
            arguments.noOthers();
            System.out.println(sink.port());
            sink.acceptor.join();
        }
    }

    /** Where it listens. */
    public int port() {
        ServerSocket socket = server.socket();
        return socket.getLocalPort();
    }

    /** Accepts no more; connections that are open end with their clients. */
    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        int count = 0;
        try {
            while (true) {
                SocketChannel client = server.accept();
                Path file = files.resolve("raw-" + ++count + ".jsonl");
                Thread thread = new Thread(() -> copy(client, file), "raw-sink-" + count);
                thread.setDaemon(true);
                thread.start();
            }
        } catch (AsynchronousCloseException e) {
            // Closed by close(): the way this thread ends.
        } catch (IOException e) {
            throw new UncheckedIOException("cannot accept connections on port " + port(), e);
        }
    }

    private void copy(SocketChannel client, Path file) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        long unsynced = 0;
        try (client; FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (client.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    unsynced += out.write(buffer);
                }
                buffer.clear();
                if (syncBytes > 0 && unsynced >= syncBytes) {
                    out.force(false);
                    unsynced = 0;
                }
            }
            if (syncBytes > 0) {
                out.force(false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy a connection to " + file, e);
        }
    }
}
