package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.postgresql.jdbc.SslMode;
import org.postgresql.util.PSQLException;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param url the database, without secrets
 * @param user the role
 * @param password its password, or empty
 * @param schema the name of the schema, which needs no quotes
 * @param migrate what to do about the tables at start
 * @param timescale whether the extension is used if it is there
 * @param retentionDays after how many days entries are dropped, or 0
 * @param compressDays after how many days chunks are compressed, or 0
 * @param statementTimeout for one statement
 * @param lockTimeout for one lock
 * @param connectTimeout for one host
 */
record PostgresqlSettings(String url, String user, String password, String schema, Migrate migrate, boolean timescale, int retentionDays,
        int compressDays, Duration statementTimeout, Duration lockTimeout, Duration connectTimeout) {

    static final int MAX_LINGER_MS = 60_000;

    private static final Pattern SCHEMA = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
    private static final Pattern SECRET = Pattern.compile("(?i)[?&](password|sslpassword)=");
    private static final int MAX_DAYS = 36_500;

    /** What is done about the tables at start. */
    enum Migrate { APPLY, CHECK, NONE }

    /** Reads the configuration; all that is wrong with it is in the one exception. */
    static PostgresqlSettings from(PostgresqlConfig config, String instance) throws PermanentDeliveryException {
        List<String> problems = new ArrayList<>();
        String url = url(config, problems);
        String user = read("user", config::user, "a role of the database", problems).orElse("");
        if (user.isBlank()) {
            problems.add("user '" + user + "': expected a role of the database");
        }
        String password = optional(config::_password, problems);
        String schema = read("schema", config::schema, "a name", problems).orElse("");
        if (!SCHEMA.matcher(schema).matches() || schema.startsWith("pg_")) {
            problems.add("schema '" + schema + "': expected a lower-case letter or _, then up to 62 of these or digits, such as monitoring");
        }
        String migrate = read("migrate", config::migrate, "apply, check or none", problems).orElse("apply");
        Migrate wanted = Migrate.NONE;
        if (List.of("apply", "check", "none").contains(migrate)) {
            wanted = Migrate.valueOf(migrate.toUpperCase(Locale.ROOT));
        } else {
            problems.add("migrate '" + migrate + "': expected apply, check or none");
        }
        String timescale = read("timescale", config::timescale, "auto or off", problems).orElse("off");
        if (!timescale.equals("auto") && !timescale.equals("off")) {
            problems.add("timescale '" + timescale + "': expected auto or off");
        }
        int retention = within("retention_days", config::retention__days, 0, MAX_DAYS, problems);
        int compress = within("compress_days", config::compress__days, 0, MAX_DAYS, problems);
        Duration statement = Duration.ofSeconds(within("statement_timeout_s", config::statement__timeout__s, 1, 3_600, problems));
        Duration lock = Duration.ofSeconds(within("lock_timeout_s", config::lock__timeout__s, 1, 3_600, problems));
        Duration connect = Duration.ofSeconds(within("connect_timeout_s", config::connect__timeout__s, 1, 600, problems));
        within("linger_ms", config::linger__ms, 0, MAX_LINGER_MS, problems);
        if (!problems.isEmpty()) {
            throw new PermanentDeliveryException("cannot use the configuration of " + instance + ": " + String.join("; ", problems));
        }
        return new PostgresqlSettings(url, user, password, schema, wanted, timescale.equals("auto"), retention, compress, statement, lock,
                connect);
    }

    private static String url(PostgresqlConfig config, List<String> problems) {
        String expected = "jdbc:postgresql://host:5432/database";
        String url = read("url", config::url, expected, problems).orElse("");
        if (SECRET.matcher(url).find()) {
            problems.add("url: holds a password; give it as password");
        } else if (url.contains("@")) {
            problems.add("url: expected " + expected + " without a user; give it as user and password");
        } else {
            Properties parsed = url.startsWith("jdbc:postgresql:") ? Driver.parseURL(url, new Properties()) : null;
            if (parsed == null) {
                problems.add("url '" + url + "': expected " + expected);
            } else {
                sslMode(parsed, problems);
            }
        }
        return url;
    }

    private static void sslMode(Properties parsed, List<String> problems) {
        try {
            SslMode.of(parsed);
        } catch (PSQLException e) {
            problems.add("url: " + e.getMessage() + ": expected disable, allow, prefer, require, verify-ca or verify-full");
        }
    }

    /** Where the database is, for people: the URL without its parameters. */
    String place() {
        int parameters = url.indexOf('?');
        return (parameters < 0 ? url : url.substring(0, parameters)).substring("jdbc:".length());
    }

    private static int within(String key, Supplier<Integer> value, int least, int most, List<String> problems) {
        int number = read(key, value, "a number from " + least + " to " + most, problems).orElse(least);
        if (number < least || number > most) {
            problems.add(key + " '" + number + "': expected a number from " + least + " to " + most);
        }
        return number;
    }

    private static String optional(Supplier<String> value, List<String> problems) {
        try {
            return Optional.ofNullable(value.get()).orElse("");
        } catch (RuntimeException e) {
            problems.add("password: expected text");
            return "";
        }
    }

    /** Declarative Services converts a value when it is asked for, and throws an unchecked exception of its own if it can't. */
    private static <T> Optional<T> read(String key, Supplier<T> value, String expected, List<String> problems) {
        try {
            Optional<T> read = Optional.ofNullable(value.get());
            if (read.isEmpty()) {
                problems.add(key + " is empty: expected " + expected);
            }
            return read;
        } catch (RuntimeException e) {
            problems.add(key + ": expected " + expected + " (" + e.getMessage() + ")");
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "PostgresqlSettings[" + place() + ", user=" + user + ", schema=" + schema + "]";
    }
}
