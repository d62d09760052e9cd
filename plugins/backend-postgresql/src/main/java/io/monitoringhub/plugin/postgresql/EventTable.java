package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.spi.backend.WriteResult.Rejection;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Writes one batch in one transaction, together with the position. Entries below what was ever written may be there already: after a
 * crash, in a replay, as delivered dead letters. Of those only what is missing is sent; the position's lock keeps others of this lane away
 * meanwhile.
 *
 * <p>Used by one thread at a time.
 */
final class EventTable {

    private static final String IS_THERE_ALREADY = "23505";
    private static final int MOST_FOUND_BY_SERVER = 20;
    private static final int DENSE = 4;

    private final String schema;
    private final String logId;
    private final boolean isHypertable;
    private final Position position;
    private final EncodedBatch encoded;
    private boolean isInDoubt;

    EventTable(PostgresqlSettings settings, String logId, boolean isHypertable, Position position) {
        this.schema = settings.schema();
        this.logId = logId;
        this.isHypertable = isHypertable;
        this.position = position;
        int daysBack = settings.retentionDays() == 0 ? EncodedBatch.MOST_DAYS_BACK
                : Math.min(settings.retentionDays(), EncodedBatch.MOST_DAYS_BACK);
        this.encoded = new EncodedBatch(logId, daysBack);
    }

    /** Turns the batch into rows. @return the days that these fall into */
    Set<Long> encode(Batch batch) {
        encoded.encode(batch);
        return encoded.days();
    }

    /** Writes what was encoded last, and commits. */
    WriteResult write(Session session, Batch batch) throws SQLException, PermanentDeliveryException, BatchRefusedException {
        List<Rejection> rejected = new ArrayList<>(encoded.rejected());
        Set<Long> refused = new HashSet<>();
        boolean mayBeThere = batch.offset(0) < position.written();
        while (true) {
            try {
                write(session, batch, rejected.isEmpty(), mayBeThere, refused);
                return rejected.isEmpty() ? WriteResult.allWritten() : new WriteResult(rejected, List.of());
            } catch (SQLException e) {
                if (IS_THERE_ALREADY.equals(e.getSQLState()) && !mayBeThere) {
                    mayBeThere = true;
                } else if (SqlFailure.of(e).kind() == SqlFailure.Kind.CONTENT) {
                    Rejection found = rejection(e, refused.size());
                    refused.add(found.offset());
                    rejected.add(found);
                } else {
                    throw e;
                }
                session.connection().rollback();
            }
        }
    }

    private Rejection rejection(SQLException e, int already) throws BatchRefusedException {
        if (e instanceof Session.CopyFailure failure && already < MOST_FOUND_BY_SERVER) {
            String reason = "22003".equals(e.getSQLState()) ? "range" : "22P05".equals(e.getSQLState()) ? "encoding" : "refused";
            return new Rejection(encoded.offset(failure.row()), reason, e.getSQLState() + " " + e.getMessage());
        }
        isInDoubt = true;
        throw new BatchRefusedException("the server refuses the content: " + e.getSQLState() + " " + e.getMessage(), e);
    }

    private void write(Session session, Batch batch, boolean isComplete, boolean mayBeThere, Set<Long> refused)
            throws SQLException, PermanentDeliveryException {
        long end = batch.offset(batch.size() - 1) + 1;
        // Past a rejected entry only flush may go: the lane calls it when the dead letter is safe.
        isInDoubt |= !isComplete;
        long next = isInDoubt ? position.next() : end;
        Connection connection = session.connection();
        position.advance(connection, next, end);
        Set<Long> present = mayBeThere && encoded.rows() > 0 ? present(connection) : Set.of();
        IntPredicate isMissing = row -> !present.contains(encoded.offset(row)) && !refused.contains(encoded.offset(row));
        if (present.size() < encoded.rows()) {
            copy(session, isMissing);
        }
        connection.commit();
        position.advanced(next, end);
    }

    private void copy(Session session, IntPredicate isMissing) throws SQLException {
        if (!isHypertable) {
            session.copy(schema + ".monitoring_events", encoded, isMissing);
            return;
        }
        session.copy(schema + ".monitoring_events", encoded, row -> isMissing.test(row) && !encoded.isFar(row));
        for (int row = 0; row < encoded.rows(); row++) {
            if (encoded.isFar(row) && isMissing.test(row)) {
                session.copy(schema + ".monitoring_events_default", encoded, each -> isMissing.test(each) && encoded.isFar(each));
                return;
            }
        }
    }

    /** Which of the encoded entries the table has. */
    private Set<Long> present(Connection connection) throws SQLException {
        long first = encoded.offset(0);
        long last = encoded.offset(encoded.rows() - 1);
        boolean isDense = last - first < (long) DENSE * encoded.rows();
        Set<Long> present = new HashSet<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT log_offset FROM " + schema + ".all_events WHERE log_id = ? AND "
                + (isDense ? "log_offset BETWEEN ? AND ?" : "log_offset = ANY (?)"))) {
            query.setString(1, logId);
            if (isDense) {
                query.setLong(2, first);
                query.setLong(3, last);
            } else {
                Array offsets = connection.unwrap(org.postgresql.PGConnection.class).createArrayOf("bigint", encoded.offsets());
                query.setArray(2, offsets);
            }
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    present.add(rows.getLong(1));
                }
            }
        }
        return present;
    }

    /** All below this offset is done with. */
    void flushed(Session session, long next) throws SQLException, PermanentDeliveryException {
        position.advance(session.connection(), next, position.written());
        session.connection().commit();
        position.advanced(next, position.written());
        isInDoubt = false;
    }

    /** Whether the position in the database is behind this. */
    boolean isBehind(long next) {
        return next > position.next();
    }
}
