package io.monitoringhub.distribution.destinations;

import io.monitoringhub.testservers.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.Driver;

/** A PostgreSQL server that is killed. */
final class PostgresqlDestination extends ServerDestination<PostgresServer> {

    @Override
    public String type() {
        return "postgresql";
    }

    @Override
    PostgresServer in(Path folder) throws Exception {
        return PostgresServer.in(folder);
    }

    @Override
    public String settings() {
        return "url: \"" + server().url() + "\", user: postgres, password: " + PostgresServer.PASSWORD;
    }

    @Override
    public List<Long> held() throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", PostgresServer.PASSWORD);
        List<Long> held = new ArrayList<>();
        try (Connection connection = new Driver().connect(server().url(), properties); Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT data->>'bench' FROM monitoring.all_events ORDER BY log_offset")) {
            while (rows.next()) {
                held.add(rows.getLong(1));
            }
        }
        return held;
    }
}
