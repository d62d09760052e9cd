package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.testservers.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;

/** A real server with a schema of its own for each test. Used by one thread at a time. */
final class TestDatabase implements AutoCloseable {

    private final PostgresServer server;

    private TestDatabase(PostgresServer server) {
        this.server = server;
    }

    static TestDatabase start(Path folder, String... options) throws Exception {
        PostgresServer server = PostgresServer.in(folder, options);
        server.start();
        return new TestDatabase(server);
    }

    PostgresServer server() {
        return server;
    }

    /** A configuration for this server; later values win. */
    Map<String, Object> config(Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(Map.of("url", server.url(), "user", "postgres", ".password", PostgresServer.PASSWORD));
        config.putAll(more);
        return config;
    }

    PostgresqlBackend backend(Map<String, Object> more) {
        return new PostgresqlBackend(TestConfig.of(config(more)));
    }

    /** A connection of the test's own, as superuser. */
    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", PostgresServer.PASSWORD);
        return new Driver().connect(server.url(), properties);
    }

    void run(String... statements) throws SQLException {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** The first column of all rows. */
    List<String> values(String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = connect(); Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    @Override
    public void close() throws InterruptedException {
        server.close();
    }
}
