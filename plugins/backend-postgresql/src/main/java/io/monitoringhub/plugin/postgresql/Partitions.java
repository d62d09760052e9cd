package io.monitoringhub.plugin.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Partitions of one day each. Nothing depends on their being there: a row without one goes into the default partition, and moves when its
 * partition is made.
 *
 * <p>Used by one thread at a time.
 */
final class Partitions {

    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'monitoring_events_'uuuuMMdd");
    private static final Pattern NAMES = Pattern.compile("monitoring_events_\\d{8}");
    private static final int LOCK_CLASS = 0x4d48_7563;
    private static final String IN_A_MOMENT = "SET LOCAL lock_timeout = '2s'";

    private final String schema;
    private final Set<Long> known = new HashSet<>();

    Partitions(String schema) {
        this.schema = schema;
    }

    /** Whether one of these days may lack its partition. */
    boolean isMissing(Collection<Long> days) {
        return !known.containsAll(days);
    }

    /** Makes the partitions of these days, each in a transaction of its own. */
    void create(Connection connection, Collection<Long> days) throws SQLException {
        for (Long day : days) {
            if (!known.contains(day)) {
                create(connection, LocalDate.ofEpochDay(day));
                known.add(day);
            }
        }
    }

    private void create(Connection connection, LocalDate day) throws SQLException {
        String name = schema + "." + day.format(NAME);
        String from = "'" + day + " 00:00:00+00'";
        String to = "'" + day.plusDays(1) + " 00:00:00+00'";
        try (Statement statement = connection.createStatement()) {
            statement.execute(IN_A_MOMENT + "; SELECT pg_advisory_xact_lock(" + LOCK_CLASS + ", hashtext('" + schema + "'))");
            if (!exists(statement, name)) {
                // Attached, not created in place: that would keep readers out, and fail where the default partition has rows of this day.
                statement.execute("CREATE TABLE " + name + " (LIKE " + schema + ".monitoring_events INCLUDING ALL);"
                        + " WITH moved AS (DELETE FROM " + schema + ".monitoring_events_default WHERE \"timestamp\" >= " + from
                        + " AND \"timestamp\" < " + to + " RETURNING *) INSERT INTO " + name + " SELECT * FROM moved;"
                        + " ALTER TABLE " + schema + ".monitoring_events ATTACH PARTITION " + name + " FOR VALUES FROM (" + from + ") TO (" + to + ")");
            }
        }
        connection.commit();
    }

    private static boolean exists(Statement statement, String name) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT to_regclass('" + name + "') IS NOT NULL")) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Drops what is older, by the hub's clock or the server's, whichever is behind. @return the names of dropped partitions */
    List<String> drop(Connection connection, Instant now, int retentionDays, boolean isHypertable) throws SQLException {
        Instant cutoff;
        List<String> old = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute(IN_A_MOMENT);
            cutoff = cutoff(statement, now, retentionDays);
            if (!isHypertable) {
                String keep = LocalDate.ofInstant(cutoff, ZoneOffset.UTC).format(NAME);
                try (ResultSet rows = statement.executeQuery("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                        + " WHERE i.inhparent = '" + schema + ".monitoring_events'::regclass ORDER BY 1")) {
                    while (rows.next()) {
                        String name = rows.getString(1);
                        if (NAMES.matcher(name).matches() && name.compareTo(keep) < 0) {
                            old.add(name);
                        }
                    }
                }
            }
            for (String name : old) {
                statement.execute("DROP TABLE " + schema + "." + name);
            }
            statement.execute("DELETE FROM " + schema + ".monitoring_events_default WHERE received_at < '" + cutoff + "'");
        }
        connection.commit();
        known.clear();
        return old;
    }

    private static Instant cutoff(Statement statement, Instant now, int retentionDays) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT floor(extract(epoch FROM now()))::bigint")) {
            row.next();
            Instant server = Instant.ofEpochSecond(row.getLong(1));
            return (server.isBefore(now) ? server : now).minusSeconds(retentionDays * 86_400L);
        }
    }
}
