package io.monitoringhub.ingest;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The client's end of a session. */
final class FakePeer implements Replies {

    private final StringBuilder received = new StringBuilder();
    private Session session;
    private int resumed;
    private String closed = "";
    private Runnable beforeSent = () -> { };
    private Runnable whenSent = () -> { };

    FakePeer connect(Ingest ingest) {
        session = ingest.open(new Peer("127.0.0.1:1"), this);
        return this;
    }

    boolean write(String text) {
        return write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** As a transport does whose buffers have no array. */
    boolean write(byte[] bytes) {
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        boolean more = session.receive(direct);
        if (direct.hasRemaining()) {
            throw new AssertionError(direct.remaining() + " bytes were not taken");
        }
        return more;
    }

    boolean writeArray(byte[] bytes) {
        return session.receive(ByteBuffer.wrap(bytes));
    }

    void disconnect() {
        session.end();
    }

    /** The lines that came from the hub, and forgets them. */
    List<String> replies() {
        List<String> lines = received.toString().lines().toList();
        received.setLength(0);
        return lines;
    }

    /** What another thread does at the very moment when the hub sends something. */
    void whenSent(Runnable action) {
        whenSent = action;
    }

    /** What another thread does just before the hub's next line leaves. */
    void beforeNextIsSent(Runnable action) {
        beforeSent = () -> {
            beforeSent = () -> { };
            action.run();
        };
    }

    synchronized int resumed() {
        return resumed;
    }

    String closed() {
        return closed;
    }

    @Override
    public void send(ByteBuffer bytes) {
        beforeSent.run();
        received.append(StandardCharsets.UTF_8.decode(bytes));
        whenSent.run();
    }

    /** Waits until another thread has asked for bytes again. */
    void awaitResume() throws InterruptedException {
        if (!awaitResume(Duration.ofSeconds(60))) {
            throw new AssertionError("nobody has asked for bytes again");
        }
    }

    synchronized boolean awaitResume(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (resumed == 0 && System.nanoTime() < deadline) {
            TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
        }
        return resumed > 0;
    }

    @Override
    public synchronized void resume() {
        resumed++;
        notifyAll();
    }

    @Override
    public void close(String reason) {
        closed = reason;
    }
}
