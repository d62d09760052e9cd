package io.monitoringhub.plugin.postgresql;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.copy.CopyIn;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, without autocommit, that an interrupt closes.
 *
 * <p>Used by one thread at a time.
 */
final class Session implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final Pattern LINE = Pattern.compile("^\\D*\\bmonitoring_events(?:_\\w+)?\\D+(\\d+)\\b");
    private static final int GRACE_SECONDS = 10;
    private static final int PIECE = 1 << 16;
    private static final byte[] HEADER = ByteBuffer.allocate(19).put(new byte[] {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0})
            .array();
    private static final byte[] TRAILER = {-1, -1};

    private final Connection connection;

    private Session(Connection connection) {
        this.connection = connection;
    }

    /** @param application what the server shows for this connection */
    static Session connect(PostgresqlSettings settings, String application) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, settings.user());
        if (!settings.password().isEmpty()) {
            PGProperty.PASSWORD.set(properties, settings.password());
        }
        PGProperty.APPLICATION_NAME.set(properties, application);
        PGProperty.SOCKET_FACTORY.set(properties, InterruptibleSocketFactory.class.getName());
        PGProperty.CONNECT_TIMEOUT.set(properties, (int) settings.connectTimeout().toSeconds());
        PGProperty.SOCKET_TIMEOUT.set(properties, (int) socketTimeout(settings).toSeconds());
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.TARGET_SERVER_TYPE.set(properties, "primary");
        Session session = new Session(driver().connect(settings.url(), properties));
        try {
            session.connection.setAutoCommit(true);
            try (Statement statement = session.connection.createStatement()) {
                long statementMillis = settings.statementTimeout().toMillis();
                // A hub that has died must not hold its lock for long: the server ends what waits for a client that says nothing more.
                statement.execute("SET statement_timeout = " + statementMillis + "; SET lock_timeout = " + settings.lockTimeout().toMillis()
                        + "; SET idle_in_transaction_session_timeout = " + statementMillis + "; SET tcp_keepalives_idle = 30;"
                        + " SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3");
            }
            session.connection.setAutoCommit(false);
            return session;
        } catch (SQLException | RuntimeException e) {
            session.abort();
            throw e;
        }
    }

    /** Longer than any answer takes: by then the server has given the statement up, if there still is one. */
    static Duration socketTimeout(PostgresqlSettings settings) {
        return settings.statementTimeout().plusSeconds(GRACE_SECONDS);
    }

    /** The driver hands itself to the JDK, which would hold on to this bundle's classes after it has gone. */
    private static Driver driver() throws SQLException {
        Driver driver = new Driver();
        if (Driver.isRegistered()) {
            Driver.deregister();
        }
        return driver;
    }

    Connection connection() {
        return connection;
    }

    /** The value of one row and column. */
    String value(String query) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(query)) {
            if (!row.next()) {
                throw new SQLException("no row from: " + query, "02000");
            }
            return row.getString(1);
        }
    }

    /**
     * Sends rows, within the transaction.
     *
     * @throws CopyFailure when the server takes one of the rows for bad
     */
    void copy(String table, EncodedBatch batch, IntPredicate wanted) throws SQLException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY " + table + " (" + EncodedBatch.COLUMNS
                + ") FROM STDIN WITH (FORMAT binary)");
        int[] sent = {};
        try {
            copy.writeToCopy(HEADER, 0, HEADER.length);
            sent = batch.send(wanted, (bytes, from, to) -> {
                for (int at = from; at < to; at += PIECE) {
                    copy.writeToCopy(bytes, at, Math.min(PIECE, to - at));
                }
            });
            copy.writeToCopy(TRAILER, 0, TRAILER.length);
            copy.endCopy();
        } catch (SQLException e) {
            cancel(copy, e);
            int[] rows = sent.length > 0 ? sent : batch.send(wanted, (bytes, from, to) -> { });
            OptionalInt line = line(e);
            if (line.isPresent() && line.getAsInt() >= 1 && line.getAsInt() <= rows.length) {
                throw new CopyFailure(e, rows[line.getAsInt() - 1]);
            }
            throw e;
        }
    }

    private static void cancel(CopyIn copy, SQLException failure) {
        try {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    /** The server names the row in words of its language, after the table's name; the number is a number in all of them. */
    private static OptionalInt line(SQLException e) {
        if (e instanceof PSQLException error && error.getServerErrorMessage() != null && error.getServerErrorMessage().getWhere() != null) {
            Matcher line = LINE.matcher(error.getServerErrorMessage().getWhere());
            return line.find() && line.group(1).length() < 10 ? OptionalInt.of(Integer.parseInt(line.group(1))) : OptionalInt.empty();
        }
        return OptionalInt.empty();
    }

    /** Closes the socket, whatever the server is doing. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("cannot abort a connection: {}", e.toString());
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("cannot close a connection: {}", e.toString());
        }
    }

    /** The server has named the row that it refuses. */
    static final class CopyFailure extends SQLException {

        private static final long serialVersionUID = 1L;

        private final int row;

        CopyFailure(SQLException cause, int row) {
            super(cause.getMessage(), cause.getSQLState(), cause);
            this.row = row;
        }

        /** Its number in the batch. */
        int row() {
            return row;
        }
    }
}
