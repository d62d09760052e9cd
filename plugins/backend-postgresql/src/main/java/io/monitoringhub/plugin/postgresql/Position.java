package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The lane's row in {@code monitoring_positions}, as this instance knows it. {@code next}: all below is done. {@code written}: nothing at or
 * above was ever sent, so it can't be there. {@code epoch}: which instance has the lane.
 *
 * <p>Used by one thread at a time.
 */
final class Position {

    private final String table;
    private final String lane;
    private final String logId;
    private long next;
    private long written;
    private long epoch;

    Position(String schema, String lane, String logId) {
        this.table = schema + ".monitoring_positions";
        this.lane = lane;
        this.logId = logId;
    }

    long next() {
        return next;
    }

    long written() {
        return written;
    }

    /** Takes the lane over from whoever had it. @param committed where a lane begins that the database does not know */
    void takeOver(Connection connection, long committed) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + table + " AS p (lane, log_id, next, written, epoch)"
                + " VALUES (?, ?, ?, ?, 1) ON CONFLICT (lane, log_id) DO UPDATE SET epoch = p.epoch + 1, updated_at = now()"
                + " RETURNING next, written, epoch")) {
            statement.setString(1, lane);
            statement.setString(2, logId);
            statement.setLong(3, committed);
            statement.setLong(4, committed);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                read(row);
                epoch = row.getLong(3);
            }
        }
        connection.commit();
    }

    /**
     * Reads it again, after a connection was lost. Waits until the server has ended what the old connection may have left, by its lock.
     *
     * @throws IllegalStateException when the database holds less than before: the caller has to be opened anew
     */
    void resume(Connection connection) throws SQLException, PermanentDeliveryException {
        long before = next;
        try (PreparedStatement statement = connection.prepareStatement("SELECT next, written, epoch FROM " + table
                + " WHERE lane = ? AND log_id = ? FOR UPDATE")) {
            statement.setString(1, lane);
            statement.setString(2, logId);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("the position of lane " + lane + " is no longer in " + table + ": it is opened anew");
                }
                if (row.getLong(3) > epoch) {
                    throw fenced();
                }
                if (row.getLong(1) < before || row.getLong(3) < epoch) {
                    throw new IllegalStateException("the database has lost what it had committed: " + table + " says " + row.getLong(1)
                            + " and was at " + before + ", as after a failover to a standby that lagged; the lane goes back");
                }
                read(row);
            }
        }
        connection.commit();
    }

    private void read(ResultSet row) throws SQLException {
        next = row.getLong(1);
        written = row.getLong(2);
    }

    /** Goes on within the transaction; its lock is held until the commit. {@link #advanced} makes it known here. */
    void advance(Connection connection, long toNext, long toWritten) throws SQLException, PermanentDeliveryException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE " + table + " SET next = greatest(next, ?),"
                + " written = greatest(written, ?), updated_at = now() WHERE lane = ? AND log_id = ? AND epoch = ?")) {
            statement.setLong(1, toNext);
            statement.setLong(2, toWritten);
            statement.setString(3, lane);
            statement.setString(4, logId);
            statement.setLong(5, epoch);
            if (statement.executeUpdate() != 1) {
                throw fenced();
            }
        }
    }

    /** The transaction of {@link #advance} is committed. */
    void advanced(long toNext, long toWritten) {
        next = Math.max(next, toNext);
        written = Math.max(written, toWritten);
    }

    private PermanentDeliveryException fenced() {
        return new PermanentDeliveryException("another instance of lane " + lane + " of log " + logId + " has taken over (" + table
                + ", epoch " + epoch + " is no longer the last): two hubs run on copies of one data folder; stop one of them, then hub:retry");
    }
}
