package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.spi.backend.BackendContext;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be done beside writing rows: partitions, retention, policies. None of it may hold rows up: what fails is said and tried again
 * later, unless the connection is gone.
 *
 * <p>Used by one thread at a time.
 */
final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration AGAIN_AFTER_FAILURE = Duration.ofMinutes(1);
    private static final Duration RETENTION_EACH = Duration.ofHours(1);

    private final PostgresqlSettings settings;
    private final boolean isHypertable;
    private final BackendContext context;
    private final Partitions partitions;
    private Instant partitionsAt = Instant.MIN;
    private Instant retentionAt = Instant.MIN;
    private String complaint = "";

    Housekeeping(PostgresqlSettings settings, boolean isHypertable, BackendContext context) {
        this.settings = settings;
        this.isHypertable = isHypertable;
        this.context = context;
        this.partitions = new Partitions(settings.schema());
    }

    /** When the backend opens. */
    void begin(Session session) throws SQLException {
        if (isHypertable && settings.migrate() == PostgresqlSettings.Migrate.APPLY) {
            attempt(session, "set TimescaleDB's policies", () -> {
                for (String each : Timescale.policies(settings)) {
                    try (Statement statement = session.connection().createStatement()) {
                        statement.execute(each);
                    }
                }
                session.connection().commit();
            });
        }
    }

    /** Before rows of these days are written. */
    void before(Session session, Set<Long> days) throws SQLException {
        Instant now = context.clock().instant();
        if (!isHypertable && partitions.isMissing(days) && !now.isBefore(partitionsAt)) {
            boolean isDone = attempt(session, "make a partition; its rows go into monitoring_events_default until then",
                    () -> partitions.create(session.connection(), days));
            partitionsAt = isDone ? Instant.MIN : now.plus(AGAIN_AFTER_FAILURE);
        }
        if (settings.retentionDays() > 0 && !now.isBefore(retentionAt)) {
            boolean isDone = attempt(session, "drop what is older than retention_days", () -> {
                List<String> dropped = partitions.drop(session.connection(), now, settings.retentionDays(), isHypertable);
                if (!dropped.isEmpty()) {
                    LOG.info("{} dropped {} as retention_days says", context.id(), dropped);
                }
            });
            retentionAt = now.plus(isDone ? RETENTION_EACH : AGAIN_AFTER_FAILURE);
        }
    }

    private interface Task {
        void run() throws SQLException;
    }

    private boolean attempt(Session session, String what, Task task) throws SQLException {
        try {
            task.run();
            if (!complaint.isEmpty()) {
                complaint = "";
                context.health().ok();
            }
            return true;
        } catch (SQLException e) {
            if (!isHarmless(e)) {
                throw e;
            }
            session.connection().rollback();
            String message = SqlFailure.of(e).message(what, settings.place(), e);
            if (!message.equals(complaint)) {
                complaint = message;
                LOG.warn("{}: {}", context.id(), message);
                context.health().degraded(message);
            }
            return false;
        }
    }

    /** A lock, a privilege, a statement that is not understood: of this task alone. */
    private static boolean isHarmless(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals("55P03") || state.equals("57014") || state.startsWith("42") || state.startsWith("40") || state.startsWith("22")
                || state.startsWith("0A") || state.startsWith("2B") || state.startsWith("TS");
    }
}
