package io.monitoringhub.launcher;

import io.monitoringhub.command.ExitCode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The client half of the shell: one command line out; back come lines whose first byte says what they are.
 *
 * <table>
 * <caption>First byte of an answer line</caption>
 * <tr><td>space</td><td>output</td></tr>
 * <tr><td>{@code !}</td><td>what went wrong, for the error stream</td></tr>
 * <tr><td>{@code =}</td><td>the end, followed by the exit status</td></tr>
 * </table>
 *
 * <p>Bytes go by {@link ByteBuffer}: on Java 17 the streams of {@code Channels} for one socket lock each other out.
 *
 * <p>Used by one thread at a time.
 */
final class ShellClient implements AutoCloseable {

    private final SocketChannel channel;
    private final ByteBuffer input = ByteBuffer.allocate(8192).flip();

    private ShellClient(SocketChannel channel) {
        this.channel = channel;
    }

    static ShellClient connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new ShellClient(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Runs one command and prints its output as it comes. */
    int execute(String command) throws IOException {
        return execute(command, "");
    }

    /** @param prelude what is printed before the first line of the answer */
    int execute(String command, String prelude) throws IOException {
        String before = prelude;
        send(command.replace('\n', ' ').replace('\r', ' '));
        while (true) {
            String line = readLine();
            if (line == null) {
                throw new EOFException("the hub closed the connection");
            }
            String text = line.isEmpty() ? "" : line.substring(1);
            switch (line.isEmpty() ? ' ' : line.charAt(0)) {
                case '=' -> {
                    return Integer.parseInt(text);
                }
                case '!' -> System.err.println(text);
                default -> {
                    System.out.println(before + text);
                    before = "";
                    if (System.out.checkError()) {
                        // who read it has gone: a command that runs until somebody leaves would never end
                        return ExitCode.OK;
                    }
                }
            }
        }
    }

    /** Reads commands from standard input until it ends or says {@code exit}; the status is that of the last command. */
    int interact() throws IOException {
        boolean prompts = System.console() != null;
        BufferedReader keyboard = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int status = ExitCode.OK;
        while (true) {
            if (prompts) {
                System.out.print("hub> ");
                System.out.flush();
            }
            String line = keyboard.readLine();
            if (line == null || line.strip().matches("exit|quit")) {
                return status;
            }
            if (!line.isBlank()) {
                status = execute(line);
            }
        }
    }

    private void send(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (input.hasRemaining()) {
                byte b = input.get();
                if (b == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                line.write(b);
            }
            input.clear();
            int n = channel.read(input);
            input.flip();
            if (n < 0) {
                return null;
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
