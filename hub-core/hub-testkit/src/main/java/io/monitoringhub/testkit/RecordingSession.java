package io.monitoringhub.testkit;

import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A session that keeps what it is given and notes every breach of the contract by the transport. What it answers is decided by its
 * {@link Reaction}. Thread-safe.
 */
public final class RecordingSession implements Session {

    /** What a session does with bytes, after they were recorded. */
    @FunctionalInterface
    public interface Reaction {
        /**
         * Called on the transport's thread.
         *
         * @param bytes how many have just come
         * @return whether the transport may go on reading, as {@link Session#receive} says
         */
        boolean received(RecordingSession session, int bytes);
    }

    private final Peer peer;
    private final Replies replies;
    private final Reaction reaction;
    private final boolean keepsBytes;
    private final AtomicReference<Thread> inside = new AtomicReference<>();
    private final Object lock = new Object();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final List<String> breaches = new ArrayList<>();
    private long size;
    private int ends;
    private boolean isPaused;

    RecordingSession(Peer peer, Replies replies, Reaction reaction, boolean keepsBytes) {
        this.peer = peer;
        this.replies = replies;
        this.reaction = reaction;
        this.keepsBytes = keepsBytes;
    }

    @Override
    public boolean receive(ByteBuffer bytes) {
        enter("receive");
        try {
            int count = bytes.remaining();
            record(bytes);
            synchronized (lock) {
                // Before the reaction, which may resume before it returns.
                isPaused = true;
            }
            boolean more = reaction.received(this, count);
            if (more) {
                synchronized (lock) {
                    isPaused = false;
                }
            }
            return more;
        } finally {
            inside.set(null);
        }
    }

    private void record(ByteBuffer bytes) {
        synchronized (lock) {
            if (ends > 0) {
                breaches.add(bytes.remaining() + " bytes after end");
            }
            if (isPaused) {
                breaches.add(bytes.remaining() + " bytes while the session had said stop");
            }
            size += bytes.remaining();
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            if (keepsBytes) {
                kept.writeBytes(copy);
            }
        }
    }

    @Override
    public void end() {
        enter("end");
        synchronized (lock) {
            ends++;
        }
        inside.set(null);
    }

    private void enter(String method) {
        Thread other = inside.getAndSet(Thread.currentThread());
        if (other != null) {
            synchronized (lock) {
                breaches.add(method + " on " + Thread.currentThread().getName() + " while " + other.getName() + " was inside the session");
            }
        }
    }

    /** Lets the transport read again, if the session has said stop: once for each time. */
    public void resume() {
        synchronized (lock) {
            if (!isPaused) {
                return;
            }
            isPaused = false;
        }
        replies.resume();
    }

    /** Sends text to the peer. */
    public void send(String text) {
        replies.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The way back to the peer. */
    public Replies replies() {
        return replies;
    }

    /** Who the peer is. */
    public Peer peer() {
        return peer;
    }

    /** How many bytes have come. */
    public long size() {
        synchronized (lock) {
            return size;
        }
    }

    /** All that has come, as text. */
    public String text() {
        synchronized (lock) {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }

    /** How often the transport has ended the session. */
    public int ends() {
        synchronized (lock) {
            return ends;
        }
    }

    /** What the transport did that it must not do. */
    public List<String> breaches() {
        synchronized (lock) {
            return List.copyOf(breaches);
        }
    }

    @Override
    public String toString() {
        return peer + ": " + size() + " bytes, ended " + ends() + " times, breaches " + breaches();
    }
}
