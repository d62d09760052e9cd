package io.monitoringhub.delivery;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A cursor that notes a replay together with its position and state, so that all of it is stored at once.
 *
 * <p>Stored during a replay as: 0xFF (no type of a backend is that long, see {@link TypedCursor}, and no version of {@link GroupCursor} is), from, to, back (64 bits each), the state.
 * Else as the state alone.
 *
 * <p><b>Crashes.</b> A replay begins with a commit where the cursor stands, which notes it, then the move back. A crash between the two
 * leaves a note at a position that is not below {@code back}: it says nothing and is ignored. Each commit on the way stores the note; the
 * one that ends the replay goes to {@code back} without it. Thread-safe.
 */
final class ReplayCursor implements Cursor {

    private static final byte MARK = (byte) 0xFF;
    private static final int NOTE_BYTES = 1 + 3 * Long.BYTES;

    private final Cursor cursor;
    private volatile Replay replay;

    ReplayCursor(Cursor cursor) {
        this.cursor = cursor;
        replay = noted(cursor.state()).filter(noted -> cursor.position() < noted.back()).orElse(null);
    }

    /** A lane's cursor as the log stores it; a new one begins where the settings say. */
    static ReplayCursor open(LaneSettings settings, Log log) throws IOException {
        Optional<Cursor> known = log.cursors().find(settings.name());
        return new ReplayCursor(known.isPresent() ? known.get() : log.cursors().open(settings.name(), settings.start().offsetIn(log)));
    }

    /** The replay that is under way. */
    Optional<Replay> replay() {
        return Optional.ofNullable(replay);
    }

    /** What a replay of this stretch would be: never beyond what was delivered, so that it skips nothing. */
    Replay plan(long from, long to, long logStart) {
        long back = Math.max(logStart, replay().map(Replay::back).orElse(position()));
        long end = Math.max(logStart, Math.min(to, back));
        return new Replay(Math.max(logStart, Math.min(from, end)), end, back);
    }

    /** A reason in words, behind how far the replay is. */
    String told(long position, String reason) {
        String replaying = replay().map(now -> now.progress(position)).orElse("");
        return replaying.isEmpty() || reason.isEmpty() ? replaying + reason : replaying + "; " + reason;
    }

    /** Notes a replay and goes to its beginning. */
    void begin(Replay wanted) throws IOException {
        Replay before = replay;
        byte[] state = state();
        try {
            replay = wanted;
            commit(cursor.position(), state);
            cursor.move(wanted.from());
        } catch (IOException | RuntimeException failure) {
            replay = before;
            throw failure;
        }
    }

    /** The next commit stores no replay. */
    void forget() {
        replay = null;
    }

    /** It is under way after all: its end could not be stored. */
    void remember(Replay unfinished) {
        replay = unfinished;
    }

    @Override
    public String name() {
        return cursor.name();
    }

    @Override
    public long position() {
        return cursor.position();
    }

    @Override
    public byte[] state() {
        byte[] stored = cursor.state();
        if (noted(stored).isEmpty()) {
            return stored;
        }
        byte[] state = new byte[stored.length - NOTE_BYTES];
        System.arraycopy(stored, NOTE_BYTES, state, 0, state.length);
        return state;
    }

    @Override
    public void commit(long next, byte[] state) throws IOException {
        Replay now = replay;
        cursor.commit(next, now == null ? state : ByteBuffer.allocate(NOTE_BYTES + state.length).put(MARK).putLong(now.from())
                .putLong(now.to()).putLong(now.back()).put(state).array());
    }

    @Override
    public void move(long next) throws IOException {
        cursor.move(next);
    }

    private static Optional<Replay> noted(byte[] stored) {
        if (stored.length < NOTE_BYTES || stored[0] != MARK) {
            return Optional.empty();
        }
        ByteBuffer note = ByteBuffer.wrap(stored, 1, NOTE_BYTES - 1);
        return Optional.of(new Replay(note.getLong(), note.getLong(), note.getLong()));
    }
}
