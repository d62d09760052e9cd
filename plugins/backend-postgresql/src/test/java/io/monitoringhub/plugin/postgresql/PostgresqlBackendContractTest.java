package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.testkit.BackendContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class PostgresqlBackendContractTest extends BackendContract {

    /** The message again: jsonb has put the members of data into an order of its own. */
    private static final String MESSAGE = """
            SELECT '{"v":1,"src":"' || source || '","ts":' || (extract(epoch FROM "timestamp") * 1000)::bigint || ',"type":"' || type || '"' ||
                CASE type WHEN 'heartbeat' THEN ''
                    WHEN 'metric' THEN ',"data":{"name":' || (data->'name')::text || ',"value":' || (data->'value')::text || ',"unit":"1","tags":{}}'
                    ELSE ',"data":{"level":' || (data->'level')::text || ',"msg":' || (data->'msg')::text || '}' END || '}'
            FROM monitoring.all_events ORDER BY log_offset""";

    @TempDir
    private static Path folder;

    private static TestDatabase database;

    @BeforeAll
    static void starts() throws Exception {
        database = TestDatabase.start(folder);
    }

    @AfterAll
    static void stops() throws Exception {
        database.close();
    }

    @BeforeEach
    void empties() throws Exception {
        database.run("DROP SCHEMA IF EXISTS monitoring CASCADE");
    }

    @Override
    protected Backend newBackend() {
        return database.backend(Map.of());
    }

    @Override
    protected List<String> stored() throws Exception {
        return database.values(MESSAGE);
    }

    @Override
    protected String type() {
        return "postgresql";
    }
}
