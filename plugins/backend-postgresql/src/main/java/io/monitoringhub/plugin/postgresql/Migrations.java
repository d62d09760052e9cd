package io.monitoringhub.plugin.postgresql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The versions of the schema, oldest first. A version that was released never changes: what comes later is a further one.
 *
 * <p>Immutable.
 */
final class Migrations {

    /** What makes the table that notes the versions; harmless where it is there. */
    static final String BEGIN = """
            CREATE SCHEMA IF NOT EXISTS {schema};
            CREATE TABLE IF NOT EXISTS {schema}.monitoring_schema_version (
                version integer PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now(),
                applied_by text NOT NULL DEFAULT current_user
            );
            """;

    private static final List<String> NAMES = List.of("1-events", "2-positions", "3-views", "4-metrics");

    private final String schema;
    private final List<Migration> all;

    /** @param isTimescale whether the tables are hypertables */
    Migrations(String schema, boolean isTimescale) {
        this.schema = schema;
        Map<String, String> replaced = isTimescale ? Timescale.replacements() : Map.of();
        List<Migration> found = new ArrayList<>();
        for (String name : NAMES) {
            String template = replaced.containsKey(name) ? replaced.get(name) : resource(name);
            found.add(new Migration(found.size() + 1, name, checksum(template), in(template)));
        }
        all = List.copyOf(found);
    }

    /**
     * One version.
     *
     * @param version 1 and rising
     * @param name for people
     * @param checksum of its text, whatever the schema is called
     * @param sql its statements
     */
    record Migration(int version, String name, String checksum, String sql) { }

    List<Migration> all() {
        return all;
    }

    /** A text with the name of the schema in it. */
    String in(String template) {
        return template.replace("{schema}", schema);
    }

    /** What a person can run by hand: versions and notes of them, in one transaction. */
    String script(List<Migration> missing) {
        StringBuilder script = new StringBuilder("BEGIN;\n").append(in(BEGIN));
        for (Migration each : missing) {
            script.append('\n').append(each.sql()).append(note(each)).append(";\n");
        }
        return script.append("COMMIT;\n").toString();
    }

    /** The statement that notes a version. */
    String note(Migration migration) {
        return "INSERT INTO " + schema + ".monitoring_schema_version (version, name, checksum) VALUES (" + migration.version() + ", '"
                + migration.name() + "', '" + migration.checksum() + "')";
    }

    private static String resource(String name) {
        try (InputStream in = Migrations.class.getResourceAsStream(name + ".sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name + ".sql of this plugin's jar", e);
        }
    }

    private static String checksum(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
