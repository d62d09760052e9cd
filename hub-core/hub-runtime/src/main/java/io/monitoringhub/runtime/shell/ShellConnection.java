package io.monitoringhub.runtime.shell;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;

/**
 * One client: a Gogo session, its commands one after the other.
 *
 * <p>Bytes go by {@link ByteBuffer}: on Java 17 the streams of {@code Channels} for one socket lock each other out.
 *
 * <p>Used by one thread at a time.
 */
final class ShellConnection {

    /** What the session knows of the terminal: columns, and {@code colour} where it is wanted. */
    static final String TERMINAL = "hub.terminal";
    static final int OK = 0;
    static final int FAILED = 1;
    /** How a client tells that there is a terminal; to Gogo it is a comment. */
    private static final String TERMINAL_LINE = "#terminal ";
    /** Between words that Gogo shall take as they are. */
    private static final String SEPARATOR = "\u001f";
    private static final String CALL = "call" + SEPARATOR;
    private static final int BUSY = 75;
    private static final int MAX_LINE_BYTES = 64 * 1024;

    private final SocketChannel channel;
    private final ByteBuffer input = ByteBuffer.allocate(4096).flip();

    ShellConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /** Answers every command until the client hangs up. */
    void serve(CommandProcessor commands) throws IOException {
        MarkedLines output = new MarkedLines(' ', this::send);
        MarkedLines errors = new MarkedLines('!', this::send);
        try (PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8);
                PrintStream err = new PrintStream(errors, true, StandardCharsets.UTF_8);
                CommandSession session = commands.createSession(InputStream.nullInputStream(), out, err)) {
            session.put("SCOPE", "hub:*");
            session.put(Presence.VARIABLE, (Presence) this::hasLeft);
            for (String line = readLine(); line != null; line = readLine()) {
                int status = line.isBlank() ? OK : execute(session, line, out, err);
                output.finishLine();
                errors.finishLine();
                send("=" + status + "\n");
            }
        }
    }

    /** Looks whether there is more to read, or the end; what there is stays for {@link #readLine}. */
    private boolean hasLeft() {
        synchronized (channel) {
            try {
                channel.configureBlocking(false);
                try {
                    input.compact();
                    boolean isEnd = input.hasRemaining() && channel.read(input) < 0;
                    input.flip();
                    return isEnd;
                } finally {
                    channel.configureBlocking(true);
                }
            } catch (IOException gone) {
                return true;
            }
        }
    }

    /** Words that Gogo must not look at: its quotes can't hold everything. So it runs a function that hands them on. */
    private static Object call(CommandSession session, String line) throws Exception {
        String[] words = line.split(SEPARATOR, -1);
        List<Object> arguments = List.of((Object[]) Arrays.copyOfRange(words, 2, words.length - 1));
        Function handOn = (inner, none) -> {
            if (inner.get(words[1]) instanceof Function command) {
                return command.execute(inner, arguments);
            }
            throw new IllegalArgumentException("Command not found: " + words[1]);
        };
        session.put("hub_call", handOn);
        return session.execute("hub_call");
    }

    /** Tells a client that it can't be served. */
    void refuse(String reason) throws IOException {
        send("!" + reason + "\n=" + BUSY + "\n");
    }

    private static int execute(CommandSession session, String line, PrintStream out, PrintStream err) {
        if (line.startsWith(TERMINAL_LINE)) {
            session.put(TERMINAL, line.substring(TERMINAL_LINE.length()));
            return OK;
        }
        try {
            Object result = line.startsWith(CALL) ? call(session, line) : session.execute(line);
            if (result instanceof CommandStatus status) {
                return status.code();
            }
            if (result != null) {
                out.println(session.format(result, Converter.INSPECT));
            }
            return OK;
        } catch (Exception e) { // commands may throw anything: it is their answer
            err.println(e.getMessage() == null ? e.toString() : e.getMessage());
            return FAILED;
        }
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (input.hasRemaining()) {
                byte b = input.get();
                if (b == '\n') {
                    return line.toString(StandardCharsets.UTF_8).stripTrailing();
                }
                line.write(b);
            }
            if (line.size() > MAX_LINE_BYTES) {
                throw new IOException("command line longer than " + MAX_LINE_BYTES + " bytes");
            }
            input.clear();
            int n = channel.read(input);
            input.flip();
            if (n < 0) {
                return null;
            }
        }
    }

    private void send(String text) throws IOException {
        send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A pipe in Gogo runs its commands on threads of their own: lines of the two streams must not tear each other. */
    private void send(ByteBuffer bytes) throws IOException {
        synchronized (channel) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
