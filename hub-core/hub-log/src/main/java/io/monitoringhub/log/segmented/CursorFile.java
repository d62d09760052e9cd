package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.util.Objects;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.files.AtomicFile;

/** A cursor in a file of its own. Thread-safe: commits of one cursor wait for each other, and for nobody else's. */
final class CursorFile implements Cursor {

    private final Object lock = new Object();
    private final String name;
    private final AtomicFile file;
    private final CursorFiles owner;
    private byte[] state;
    private boolean isDropped;
    private volatile long position;
    /** What retention must keep: below the position while a move back is being stored. */
    private volatile long needed;

    CursorFile(String name, AtomicFile file, CursorFormat.Content content, CursorFiles owner) {
        this.name = name;
        this.file = file;
        this.owner = owner;
        this.position = content.position();
        this.needed = content.position();
        this.state = content.state();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public byte[] state() {
        synchronized (lock) {
            return state.clone();
        }
    }

    @Override
    public void commit(long next, byte[] newState) throws IOException {
        Objects.requireNonNull(newState, "state");
        if (newState.length > CursorFormat.MAX_STATE) {
            throw new IllegalArgumentException("state of cursor " + name + " is " + newState.length + " bytes long, more than the "
                    + CursorFormat.MAX_STATE + " it can have");
        }
        synchronized (lock) {
            if (next < position || next > owner.durable()) {
                throw new IllegalArgumentException("cursor " + name + " can't be committed at " + next + ": it stands at " + position
                        + " and the log is durable up to " + owner.durable());
            }
            store(next, newState.clone());
        }
        owner.moved();
    }

    @Override
    public void move(long next) throws IOException {
        synchronized (lock) {
            needed = Math.min(position, next);
            try {
                if (next < owner.start() || next > owner.durable()) {
                    throw new IllegalArgumentException("cursor " + name + " can't be moved to " + next + ": the log holds " + owner.start()
                            + " to " + owner.durable());
                }
                store(next, state);
            } finally {
                needed = position;
            }
        }
        owner.moved();
    }

    long needed() {
        return needed;
    }

    void drop() {
        synchronized (lock) {
            isDropped = true;
        }
    }

    private void store(long next, byte[] newState) throws IOException {
        if (isDropped || owner.isClosed()) {
            throw new IllegalStateException("cursor " + name + " can't be stored: " + (isDropped ? "it was dropped" : "the log is closed"));
        }
        file.write(CursorFormat.encode(new CursorFormat.Content(next, newState)));
        state = newState;
        position = next;
        needed = next;
    }
}
