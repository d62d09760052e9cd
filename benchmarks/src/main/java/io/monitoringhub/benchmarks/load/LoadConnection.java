package io.monitoringhub.benchmarks.load;

import io.monitoringhub.benchmarks.message.MessagePage;
import io.monitoringhub.benchmarks.message.Messages;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * One connection: connects, says hello if it is acknowledged, sends its messages, comes back when it breaks.
 *
 * <p>Message numbers start at 1 and are at the same time the line numbers of the acknowledged session. A plain
 * connection that comes back goes on behind the last message that the kernel took whole; an acknowledged one behind
 * the last that the hub acknowledged.
 *
 * <p>Used by one thread at a time, but for the counters, which any thread may read.
 */
final class LoadConnection {
    private static final long MILLISECOND = 1_000_000;
    private static final long REPLY_TIMEOUT = 10_000 * MILLISECOND;
    private static final long FIRST_BACK_OFF = 5 * MILLISECOND;
    private static final long LONGEST_BACK_OFF = 250 * MILLISECOND;
    private static final int TURN_MESSAGES = 256;
    private static final int EXAMPLES = 5;

    private enum State { CONNECTING, GREETING, STREAMING, WAITING, DONE, FAILED }

    private final LoadSettings settings;
    private final int id;
    private final UUID client;
    private final Selector selector;
    private final LatencyHistogram latencies;
    private final MessagePage page;
    private final int blockMessages;
    private final long windowMessages;
    private final ReplyReader replies = new ReplyReader();
    private final SentBlocks blocks = new SentBlocks();
    private final List<String> problems = new ArrayList<>();

    private State state = State.WAITING;
    private SocketChannel channel;
    private SelectionKey key;
    private ByteBuffer hello = ByteBuffer.allocate(0);
    private long last;
    private long quota;
    private long blockFirst = 1;
    private long writtenThrough;
    private long filled;
    private long deadline;
    private long brokenSince;
    private boolean broken;
    private boolean miscounted;
    private long backOff = FIRST_BACK_OFF;

    private volatile long sent;
    private volatile long accepted;
    private volatile long acked;
    private volatile long refused;
    private volatile int reconnects;
    private long regressions;
    private long firstWrite;
    private long lastProgress;

    LoadConnection(LoadSettings settings, int index, int pageBytes, Selector selector, LatencyHistogram latencies) {
        this.settings = settings;
        this.selector = selector;
        this.latencies = latencies;
        id = settings.firstConnection() + index;
        client = settings.clients().apply(id);
        last = settings.messagesOf(index);
        quota = settings.rate() == 0 ? Long.MAX_VALUE : 0;
        blockMessages = Math.max(1, (int) (Math.min(settings.blockBytes(), pageBytes) / Messages.meanLength()));
        windowMessages = Math.max(1, (long) (settings.windowBytes() / Messages.meanLength()));
        page = new MessagePage(id, blockMessages);
        deadline = settings.nanos().getAsLong();
    }

    /** Lets the connection do what time brings: connect, connect again, give up waiting. */
    void tick(long now) {
        if (isOver() || state == State.STREAMING || now - deadline < 0) {
            return;
        }
        if (state == State.WAITING) {
            connect(now);
        } else {
            disconnected(new IOException(state == State.GREETING ? "no welcome within 10 s" : "no connection within 10 s"), now);
        }
    }

    /** Lets the connection do what its socket is ready for. */
    void ready(long now) {
        try {
            if (state == State.CONNECTING && key.isConnectable() && channel.finishConnect()) {
                connected(now);
            }
            if (!isOver() && key.isReadable()) {
                replies.read(channel, reply -> replied(reply, now));
            }
            if (!isOver() && key.isWritable()) {
                writeTurn(now);
            }
            settle();
        } catch (IOException e) {
            disconnected(e, now);
        }
    }

    /** Allows {@code messages} more and sends them at once if the socket takes them. */
    void grant(long messages, long now) {
        quota += messages;
        if (state != State.STREAMING) {
            return;
        }
        try {
            boolean more = true;
            while (more) {
                more = write(now);
            }
            settle();
        } catch (IOException e) {
            disconnected(e, now);
        }
    }

    /** Sends nothing new. What was begun is sent to its end, and acknowledged if the session is. */
    void finish(long now) {
        last = Math.min(last, Math.max(filled, sent));
        try {
            if (state == State.STREAMING || state == State.WAITING) {
                settle();
            }
        } catch (IOException e) {
            disconnected(e, now);
        }
    }

    /** Closes the socket, whatever is under way. */
    void abort() {
        if (!isOver()) {
            close();
            state = State.DONE;
        }
    }

    boolean isOver() {
        return state == State.DONE || state == State.FAILED;
    }

    /** Whether it could use a grant: it has not yet been granted all that it has to send. */
    boolean wantsMore() {
        return !isOver() && quota < last - filled;
    }

    boolean isStreaming() {
        return state == State.STREAMING;
    }

    long sent() {
        return sent;
    }

    long acked() {
        return acked;
    }

    int id() {
        return id;
    }

    ConnectionReport report() {
        return new ConnectionReport(id, client, sent, accepted, acked, refused, reconnects, regressions, firstWrite, lastProgress,
                state == State.FAILED, List.copyOf(problems));
    }

    private void connect(long now) {
        state = State.CONNECTING;
        deadline = now + REPLY_TIMEOUT;
        try {
            boolean tcp = settings.address() instanceof InetSocketAddress;
            channel = tcp ? SocketChannel.open() : SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.configureBlocking(false);
            if (tcp) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            boolean connected = channel.connect(settings.address());
            key = channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
            if (connected) {
                connected(now);
                settle();
            }
        } catch (IOException e) {
            disconnected(e, now);
        }
    }

    private void connected(long now) throws IOException {
        key.interestOps(SelectionKey.OP_READ);
        page.bytes().limit(0);
        filled = settings.acknowledged() ? acked : sent;
        if (!settings.acknowledged()) {
            streaming();
            return;
        }
        state = State.GREETING;
        deadline = now + REPLY_TIMEOUT;
        String line = "{\"v\":1,\"type\":\"hello\",\"src\":\"load-generator\",\"ts\":" + settings.millis().getAsLong()
                + ",\"data\":{\"client\":\"" + client + "\",\"next\":" + (acked + 1) + ",\"sdk\":\"benchmarks/1\"}}\n";
        hello = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        write(now);
    }

    private void streaming() {
        state = State.STREAMING;
        broken = false;
        backOff = FIRST_BACK_OFF;
    }

    private void replied(Reply reply, long now) throws IOException {
        if (reply instanceof Reply.Welcome welcome && state == State.GREETING) {
            // The hub may have stored lines whose ack got lost; it can't have fewer than it acknowledged, unless it lost them.
            regressions += welcome.acked() < acked ? 1 : 0;
            // Lines are numbered from the hello's `next` all the same, so what the hub has already is sent again and dropped there.
            acknowledge(welcome.acked(), now);
            streaming();
        } else if (reply instanceof Reply.Ack ack) {
            acknowledge(ack.number(), now);
        } else if (reply instanceof Reply.Refusal refusal) {
            // 0 stands for the session and not for a line, say when it is fenced; the hub ends the connection by itself.
            refused += refusal.number() > 0 ? 1 : 0;
            problem("refused by the hub: " + refusal.text());
        }
    }

    private void acknowledge(long number, long now) throws IOException {
        if (number > sent) {
            miscounted = true;
            throw new IOException("the hub acknowledged line " + number + ", but only " + sent + " were sent");
        }
        blocks.acknowledge(number, now, latencies);
        if (number > acked) {
            acked = number;
            lastProgress = now;
        }
    }

    /** Writes about one large block, however small the single writes are: the selector is asked once for all of them. */
    private void writeTurn(long now) throws IOException {
        long enough = sent + TURN_MESSAGES;
        boolean more = true;
        while (more && sent < enough) {
            more = write(now);
        }
    }

    /** Writes once. @return whether more could be written right now */
    private boolean write(long now) throws IOException {
        if (hello.hasRemaining()) {
            channel.write(hello);
            return false;
        }
        ByteBuffer bytes = page.bytes();
        if (!bytes.hasRemaining() && !(state == State.STREAMING && fill(now))) {
            return false;
        }
        int written = channel.write(bytes);
        long through = blockFirst + page.consumed(blockFirst) - 1;
        if (written > 0 && !settings.acknowledged()) {
            lastProgress = settings.nanos().getAsLong();
        }
        accepted += through - writtenThrough;
        writtenThrough = through;
        sent = Math.max(sent, through);
        return !bytes.hasRemaining();
    }

    private boolean fill(long now) {
        long room = Math.min(last - filled, quota);
        if (settings.acknowledged()) {
            room = Math.min(room, acked + windowMessages - filled);
        }
        if (room <= 0) {
            return false;
        }
        blockFirst = filled + 1;
        writtenThrough = filled;
        int count = page.fill(blockFirst, (int) Math.min(room, blockMessages), settings.millis().getAsLong());
        filled += count;
        quota -= settings.rate() == 0 ? 0 : count;
        long start = settings.nanos().getAsLong();
        firstWrite = firstWrite == 0 ? start : firstWrite;
        settings.listener().sending(id, blockFirst, filled, start);
        if (settings.acknowledged()) {
            blocks.add(filled, start);
        }
        return true;
    }

    /** Ends the connection if all is done, else says what to wait for. */
    private void settle() throws IOException {
        if (isOver()) {
            return;
        }
        boolean pending = page.bytes().hasRemaining() && state == State.STREAMING;
        if (!pending && (settings.acknowledged() ? acked : sent) >= last) {
            if (channel != null && state == State.STREAMING) {
                channel.shutdownOutput();
            }
            close();
            state = State.DONE;
        } else if (state == State.STREAMING || state == State.GREETING) {
            boolean more = pending || hello.hasRemaining() || state == State.STREAMING && hasRoom();
            int wanted = more ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
            if (key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        }
    }

    private boolean hasRoom() {
        return filled < last && quota > 0 && (!settings.acknowledged() || filled < acked + windowMessages);
    }

    private void disconnected(IOException cause, long now) {
        close();
        blocks.clear();
        replies.clear();
        hello.limit(0);
        page.bytes().limit(0);
        filled = settings.acknowledged() ? acked : sent;
        brokenSince = broken ? brokenSince : now;
        broken = true;
        if (miscounted || now - brokenSince >= settings.reconnectFor().toNanos()) {
            problem("connection " + id + " to " + settings.address() + " broke: " + cause.getMessage());
            state = State.FAILED;
            return;
        }
        reconnects++;
        state = State.WAITING;
        deadline = now + backOff;
        backOff = Math.min(LONGEST_BACK_OFF, backOff * 2);
    }

    private void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            problem("cannot close connection " + id + ": " + e.getMessage());
        }
    }

    private void problem(String text) {
        if (problems.size() < EXAMPLES) {
            problems.add(text);
        }
    }
}
