package io.monitoringhub.plugin.postgresql;

import java.nio.ByteBuffer;

/**
 * What the hub keeps for this backend with its cursor: the highest position that it was ever told. A cursor below it was set back by a
 * person, who wants a replay; else the database's own position counts, which knows more after a crash.
 *
 * <p>Immutable.
 *
 * @param highest the highest position, or -1 where the lane never committed
 */
record CommitState(long highest) {

    static CommitState read(byte[] state) {
        return new CommitState(state.length == Long.BYTES ? ByteBuffer.wrap(state).getLong() : -1);
    }

    byte[] bytes() {
        return ByteBuffer.allocate(Long.BYTES).putLong(highest).array();
    }

    /**
     * Where to begin.
     *
     * @param committed the hub's cursor
     * @param stored the database's position
     */
    long start(long committed, long stored) {
        if (committed < highest) {
            return committed;
        }
        // A cursor passes entries that a route leaves out without telling the backend. A database that was set back is less than it was.
        return stored < highest ? stored : Math.max(stored, committed);
    }

    /** After a commit up to here. */
    CommitState raisedTo(long next) {
        return next > highest ? new CommitState(next) : this;
    }

    /** Where the lane begins at {@code start}: a database that was set back is no replay. */
    CommitState openedAt(long start, long stored) {
        return stored < highest ? new CommitState(Math.min(start, stored)) : this;
    }
}
