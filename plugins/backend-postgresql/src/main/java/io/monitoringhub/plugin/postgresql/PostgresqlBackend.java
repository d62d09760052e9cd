package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries as rows, each exactly once: every {@link #write} is one transaction that holds the rows and the lane's position. So nothing is
 * pending between calls, and a lost connection costs at most the batch in hand, which comes again.
 *
 * <p>Used by one thread at a time.
 */
@Component(service = Backend.class, configurationPid = "hub.backend.postgresql", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=postgresql")
@Designate(ocd = PostgresqlConfig.class, factory = true)
public final class PostgresqlBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresqlBackend.class);
    private static final int MAX_ENTRIES = 50_000;
    private static final int OLDEST_SERVER = 120_000;

    private final PostgresqlConfig config;
    private BackendContext context;
    private PostgresqlSettings settings;
    private Session session;
    private Position position;
    private EventTable table;
    private Housekeeping housekeeping;
    private CommitState state;

    /** @param config what a person wrote; read when the backend is opened */
    @Activate
    public PostgresqlBackend(PostgresqlConfig config) {
        this.config = config;
    }

    @Override
    public BatchLimits limits() {
        BatchLimits usual = BatchLimits.DEFAULT;
        return new BatchLimits(MAX_ENTRIES, usual.maxBytes(), Duration.ofMillis(lingerMs()), usual.flushAfter());
    }

    /** A wrong value is no matter here: {@link #open} names it. */
    private int lingerMs() {
        try {
            return Math.max(0, Math.min(PostgresqlSettings.MAX_LINGER_MS, config.linger__ms()));
        } catch (RuntimeException e) {
            return 0;
        }
    }

    @Override
    public long open(BackendContext given) throws DeliveryException, InterruptedException {
        close();
        context = given;
        String name = given.id().toString();
        settings = PostgresqlSettings.from(config, name);
        return attempt("open " + name, () -> {
            session = connect();
            checkServer();
            Path script = given.resolve("postgresql-" + given.id().name() + ".sql");
            session.connection().setNetworkTimeout(Runnable::run, 0);
            boolean isHypertable = new Schema(settings, script).prepare(session.connection());
            session.connection().setNetworkTimeout(Runnable::run, (int) Session.socketTimeout(settings).toMillis());
            position = new Position(settings.schema(), given.id().name(), given.logId());
            position.takeOver(session.connection(), given.committed());
            housekeeping = new Housekeeping(settings, isHypertable, given);
            housekeeping.begin(session);
            table = new EventTable(settings, given.logId(), isHypertable, position);
            CommitState told = CommitState.read(given.state());
            long start = told.start(given.committed(), position.next());
            state = told.openedAt(start, position.next());
            LOG.info("{} writes to {}, schema {}, from offset {} on", name, settings.place(), settings.schema(), start);
            return start;
        });
    }

    private Session connect() throws SQLException {
        return Session.connect(settings, "monitoring-hub " + context.id());
    }

    private void checkServer() throws SQLException, PermanentDeliveryException {
        String encoding = session.value("SHOW server_encoding");
        if (!encoding.equals("UTF8")) {
            throw new PermanentDeliveryException("cannot use " + settings.place() + ": its encoding is " + encoding
                    + ", expected UTF8; create the database with ENCODING 'UTF8'");
        }
        if (Integer.parseInt(session.value("SHOW server_version_num")) < OLDEST_SERVER) {
            throw new PermanentDeliveryException("cannot use " + settings.place() + ": its version is " + session.value("SHOW server_version")
                    + ", expected 12 or later");
        }
        session.connection().commit();
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
        EventTable events = opened();
        return attempt("write to schema " + settings.schema(), () -> {
            Session connected = connected();
            housekeeping.before(connected, events.encode(batch));
            return events.write(connected, batch);
        });
    }

    @Override
    public Commit flush(long next) throws DeliveryException, InterruptedException {
        EventTable events = opened();
        if (events.isBehind(next)) {
            attempt("store the position in schema " + settings.schema(), () -> {
                events.flushed(connected(), next);
                return null;
            });
        }
        state = state.raisedTo(next);
        return new Commit(next, state.bytes());
    }

    private EventTable opened() {
        if (table == null) {
            throw new IllegalStateException("the backend is not open");
        }
        return table;
    }

    /** The connection, made anew where it was lost. */
    private Session connected() throws SQLException, PermanentDeliveryException {
        if (session == null) {
            session = connect();
            position.resume(session.connection());
        }
        return session;
    }

    @Override
    public void close() {
        table = null;
        if (session != null) {
            session.close();
            session = null;
        }
    }

    /** Something that is done to the database. */
    private interface Attempt<T> {
        T run() throws SQLException, DeliveryException;
    }

    /** Whatever fails, the connection goes with it: so no transaction is left open, and the next call finds the primary. */
    private <T> T attempt(String what, Attempt<T> attempt) throws DeliveryException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        boolean isDone = false;
        try {
            T result = attempt.run();
            isDone = true;
            return result;
        } catch (SQLException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw failure(what, e);
        } finally {
            if (!isDone && session != null) {
                session.abort();
                session = null;
            }
        }
    }

    private DeliveryException failure(String what, SQLException e) {
        SqlFailure failure = SqlFailure.of(e);
        String message = failure.message(what, settings.place(), e);
        return switch (failure.kind()) {
            case PERMANENT -> new PermanentDeliveryException(message, e);
            case CONTENT -> table == null || session == null ? new PermanentDeliveryException(message, e) : new BatchRefusedException(message, e);
            default -> new TransientDeliveryException(message, e);
        };
    }
}
