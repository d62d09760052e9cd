package io.monitoringhub.spi.backend;

import java.util.Arrays;

/**
 * How far a crash can't take anything back any more.
 *
 * <p>Immutable.
 *
 * @param next every selected entry below this offset is durable at the destination
 * @param state what the backend wants to find again at {@link BackendContext#state()} with this position, at most 60 KiB; stored
 *        atomically with the position, also when the position is the same as before
 */
public record Commit(long next, byte[] state) {

    /** The largest state, in bytes. */
    public static final int MAX_STATE = 61_440;

    private static final byte[] NONE = {};

    /** @throws IllegalArgumentException when the state is larger than {@link #MAX_STATE} */
    public Commit {
        if (state.length > MAX_STATE) {
            throw new IllegalArgumentException("a commit's state of " + state.length + " bytes is larger than " + MAX_STATE);
        }
        state = state.length == 0 ? NONE : state.clone();
    }

    /** A commit without state. */
    public static Commit upTo(long next) {
        return new Commit(next, NONE);
    }

    @Override
    public byte[] state() {
        return state.length == 0 ? state : state.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Commit that && next == that.next && Arrays.equals(state, that.state);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(next) * 31 + Arrays.hashCode(state);
    }

    @Override
    public String toString() {
        return "Commit[next=" + next + ", state=" + state.length + " bytes]";
    }
}
