package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the tables to the version of this plugin, in one transaction and behind an advisory lock, so that two hubs that start together
 * do not trip over each other.
 *
 * <p>Used by one thread at a time.
 */
final class Schema {

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);
    private static final int LOCK_CLASS = 0x4d48_7562;
    private static final String NO_PRIVILEGE = "42501";

    private final PostgresqlSettings settings;
    private final Path scriptFile;

    /** @param scriptFile gets the SQL that is missing where this plugin may not run it */
    Schema(PostgresqlSettings settings, Path scriptFile) {
        this.settings = settings;
        this.scriptFile = scriptFile;
    }

    /** @return whether the entries are in a hypertable */
    boolean prepare(Connection connection) throws SQLException, PermanentDeliveryException {
        if (settings.migrate() == PostgresqlSettings.Migrate.NONE) {
            return isHypertable(connection);
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(" + LOCK_CLASS + ", hashtext('"
                    + settings.schema() + "'))");
            Map<Integer, String> applied = applied(connection);
            boolean isHypertable = applied.isEmpty() ? settings.timescale() && is(connection, Timescale.IS_INSTALLED) : isHypertable(connection);
            Migrations migrations = new Migrations(settings.schema(), isHypertable);
            List<Migrations.Migration> missing = missing(migrations, applied);
            if (!missing.isEmpty()) {
                apply(statement, migrations, missing);
            }
            connection.commit();
            return isHypertable;
        } finally {
            if (!connection.isClosed()) {
                connection.rollback();
            }
        }
    }

    private void apply(Statement statement, Migrations migrations, List<Migrations.Migration> missing)
            throws SQLException, PermanentDeliveryException {
        if (settings.migrate() == PostgresqlSettings.Migrate.CHECK) {
            throw notThere("migrate is check", migrations, missing, null);
        }
        try {
            if (missing.get(0).version() == 1) {
                statement.execute(migrations.in(Migrations.BEGIN));
            }
            for (Migrations.Migration each : missing) {
                statement.execute(each.sql());
                statement.execute(migrations.note(each));
            }
        } catch (SQLException e) {
            if (NO_PRIVILEGE.equals(e.getSQLState())) {
                throw notThere("role " + settings.user() + " may not: " + e.getMessage(), migrations, missing, e);
            }
            throw e;
        }
        LOG.info("schema {} at {} is now of version {}", settings.schema(), settings.place(), missing.get(missing.size() - 1).version());
    }

    private PermanentDeliveryException notThere(String why, Migrations migrations, List<Migrations.Migration> missing, SQLException cause) {
        String names = String.join(", ", missing.stream().map(Migrations.Migration::name).toList());
        String where;
        try {
            Files.createDirectories(scriptFile.getParent());
            Files.writeString(scriptFile, migrations.script(missing));
            where = "the SQL is in " + scriptFile;
        } catch (IOException e) {
            where = "the SQL could not be written to " + scriptFile + " (" + e + ")";
        }
        return new PermanentDeliveryException("schema " + settings.schema() + " at " + settings.place() + " lacks " + names + " (" + why + "): "
                + where + "; have it run by a role that may, then hub:retry", cause);
    }

    private List<Migrations.Migration> missing(Migrations migrations, Map<Integer, String> applied) throws PermanentDeliveryException {
        List<Migrations.Migration> missing = new ArrayList<>();
        for (Migrations.Migration each : migrations.all()) {
            String checksum = applied.remove(each.version());
            if (checksum == null) {
                missing.add(each);
            } else if (!checksum.equals(each.checksum())) {
                throw new PermanentDeliveryException("schema " + settings.schema() + " at " + settings.place() + " has another " + each.name()
                        + " (checksum " + checksum + ", expected " + each.checksum() + "): it was made by another program; give this backend"
                        + " another schema");
            }
        }
        if (!applied.isEmpty()) {
            throw new PermanentDeliveryException("schema " + settings.schema() + " at " + settings.place() + " is of a later version ("
                    + applied.keySet() + ") than this plugin knows: install the plugin that made it");
        }
        return missing;
    }

    private Map<Integer, String> applied(Connection connection) throws SQLException {
        Map<Integer, String> applied = new TreeMap<>();
        if (is(connection, "SELECT to_regclass('" + settings.schema() + ".monitoring_schema_version') IS NOT NULL")) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT version, checksum FROM " + settings.schema() + ".monitoring_schema_version")) {
                while (rows.next()) {
                    applied.put(rows.getInt(1), rows.getString(2));
                }
            }
        }
        return applied;
    }

    /** A table of this name that is not partitioned was made for the extension. */
    private boolean isHypertable(Connection connection) throws SQLException {
        return is(connection, "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('" + settings.schema()
                + ".monitoring_events') AND relkind = 'r')");
    }

    private static boolean is(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(query)) {
            return row.next() && row.getBoolean(1);
        }
    }
}
