package io.monitoringhub.plugin.postgresql;

import java.sql.SQLException;
import java.util.List;

/**
 * What an error of the database means for the lane, by its SQLSTATE. The table is the one in the README.
 *
 * @param kind what the lane is told
 * @param word what to call it in messages
 * @param advice what helps
 */
record SqlFailure(Kind kind, String word, String advice) {

    /** What the lane is told. */
    enum Kind { TRANSIENT, PERMANENT, CONTENT }

    private record Row(String prefix, SqlFailure failure) { }

    /** The longest prefix that fits decides; so the order is of no matter. */
    private static final List<Row> TABLE = List.of(
            transientOf("08", "unreachable", "see whether the server runs and can be reached"),
            permanent("08004", "unauthorised", "see the password, sslmode and the server's pg_hba.conf"),
            permanent("0A", "not supported", "see the server's version; 12 is the oldest that will do"),
            content("22"),
            transientOf("23", "refused", "see the table's constraints"),
            content("23502"), content("23514"), content("23503"), content("23P01"),
            transientOf("25", "read-only", "the server is a standby or read-only; the connection is made anew to find the primary"),
            permanent("28", "unauthorised", "correct user or password, or the server's pg_hba.conf, then hub:retry"),
            permanent("3D", "no such database", "create it, or correct the url"),
            permanent("3F", "no such schema", "create it, or set migrate: apply"),
            transientOf("40", "rolled back", "it is tried again"),
            permanent("42", "not usable", "see the tables; migrate: check names what is missing"),
            permanent("42501", "unauthorised", "grant the role what the README lists"),
            transientOf("53", "out of resources", "it is tried again"),
            transientOf("53100", "full", "make room on the server's disk"),
            transientOf("53200", "out of memory", "see the server's memory"),
            transientOf("53300", "too many connections", "raise max_connections, or close some"),
            content("54"),
            transientOf("55", "not ready", "it is tried again"),
            transientOf("55P03", "locked", "see pg_stat_activity for who holds the lock; lock_timeout_s says how long is waited"),
            transientOf("57", "interrupted by the server", "it is tried again"),
            transientOf("57014", "too slow", "see what the server is busy with, or raise statement_timeout_s"),
            transientOf("57P01", "shut down", "start the server"),
            transientOf("57P03", "starting or stopping", "it is tried again"),
            transientOf("58", "input or output error", "see the server's log and disk"),
            transientOf("XX", "internal error", "see the server's log"));

    private static final SqlFailure UNKNOWN = new SqlFailure(Kind.TRANSIENT, "failed", "see the server's log");

    /** The meaning of an error. */
    static SqlFailure of(SQLException error) {
        String state = String.valueOf(error.getSQLState());
        SqlFailure found = UNKNOWN;
        int length = 0;
        for (Row row : TABLE) {
            if (row.prefix().length() > length && state.startsWith(row.prefix())) {
                found = row.failure();
                length = row.prefix().length();
            }
        }
        return found;
    }

    /** One line: what was attempted, where, what the server said, what helps. */
    String message(String attempted, String place, SQLException error) {
        String said = String.valueOf(error.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        Throwable cause = error.getCause();
        if (cause != null && cause.getMessage() != null && !said.contains(cause.getMessage())) {
            said += " (" + cause.getMessage() + ")";
        }
        return "cannot " + attempted + " at " + place + ": " + word + " (" + error.getSQLState() + ", " + said + "): " + advice;
    }

    /** The classes and states of the table. */
    static List<String> prefixes() {
        return TABLE.stream().map(Row::prefix).toList();
    }

    private static Row transientOf(String prefix, String word, String advice) {
        return new Row(prefix, new SqlFailure(Kind.TRANSIENT, word, advice));
    }

    private static Row permanent(String prefix, String word, String advice) {
        return new Row(prefix, new SqlFailure(Kind.PERMANENT, word, advice));
    }

    private static Row content(String prefix) {
        return new Row(prefix, new SqlFailure(Kind.CONTENT, "refused", "see the message"));
    }
}
