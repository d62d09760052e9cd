package io.monitoringhub.distribution;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client that connects, says hello, sends some messages, waits until they are acknowledged, and hangs up; again and again, with the same
 * id. What was not acknowledged when its connection ended it sends again. The state is written by its own thread and may be read by others.
 */
final class ResumingClient implements Runnable {

    private static final int MESSAGES = 20;
    private static final Pattern ACKED = Pattern.compile("\"(?:seq|acked)\":(\\d+)");

    private final String source;
    private final SocketAddress address;
    private final String id = UUID.randomUUID().toString();
    private volatile boolean isStopping;
    private volatile long acked;
    private volatile int connects;
    private volatile IOException refused;

    ResumingClient(String source, SocketAddress address) {
        this.source = source;
        this.address = address;
    }

    @Override
    public void run() {
        while (!isStopping && refused == null) {
            long next = acked + 1;
            while (acked < next + MESSAGES - 1 && refused == null) {
                connectAndSend(acked + 1, next + MESSAGES - 1);
            }
        }
    }

    private void connectAndSend(long first, long last) {
        SocketChannel channel;
        try {
            channel = SocketChannel.open(address);
            connects++;
        } catch (IOException e) {
            refused = e;
            return;
        }
        try (channel) {
            channel.write(ByteBuffer.wrap(lines(first, last).getBytes(StandardCharsets.UTF_8)));
            readUntilAcked(channel, last);
        } catch (IOException ended) {
            // The transport has gone: what was not acknowledged is sent again.
        }
    }

    private String lines(long first, long last) {
        StringBuilder text = new StringBuilder("{\"v\":1,\"src\":\"" + source + "\",\"ts\":1697821234567,\"type\":\"hello\",\"data\":{\"client\":\"" + id
                + "\",\"next\":" + first + ",\"sdk\":\"test/1\"}}\n");
        for (long number = first; number <= last; number++) {
            text.append("{\"v\":1,\"src\":\"").append(source).append("\",\"ts\":1697821234567,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"")
                    .append(number).append("\"}}\n");
        }
        return text.toString();
    }

    private void readUntilAcked(SocketChannel channel, long last) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        StringBuilder line = new StringBuilder();
        while (acked < last) {
            if (channel.read(bytes.clear()) < 0) {
                return;
            }
            for (char each : StandardCharsets.UTF_8.decode(bytes.flip()).toString().toCharArray()) {
                if (each == '\n') {
                    take(line.toString());
                    line.setLength(0);
                } else {
                    line.append(each);
                }
            }
        }
    }

    private void take(String answer) {
        Matcher number = ACKED.matcher(answer);
        if (answer.contains("\"error\"") || !number.find()) {
            throw new IllegalStateException("unexpected answer: " + answer);
        }
        acked = Math.max(acked, Long.parseLong(number.group(1)));
    }

    void stop() {
        isStopping = true;
    }

    String source() {
        return source;
    }

    /** Messages that the hub has acknowledged; all that were sent, once the client has ended. */
    long acked() {
        return acked;
    }

    int connects() {
        return connects;
    }

    /** Why a connection could not be opened; {@code null} as long as that has not happened. */
    IOException refused() {
        return refused;
    }
}
