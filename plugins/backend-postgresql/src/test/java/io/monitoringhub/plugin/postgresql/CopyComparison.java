package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.hub.HubSetup;
import io.monitoringhub.benchmarks.hub.PackagedHub;
import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import io.monitoringhub.testservers.PostgresServer;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/**
 * How fast rows come into a local server: through the packaged hub, through the backend alone, and by {@code psql \copy} of the same rows
 * into the same table. Not a test that a build runs: {@code benchmarks/postgresql} does.
 */
class CopyComparison {

    private static final int ROWS = Integer.getInteger("hub.rows", 1_000_000);
    private static final int BATCH = 19_000;
    private static final String COLUMNS = EncodedBatch.COLUMNS;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    @Test
    void with_psql() throws Exception {
        try (TestDatabase database = TestDatabase.start(Files.createDirectories(folder.resolve("server")), "shared_buffers=256MB", "max_wal_size=8GB")) {
            double hub = throughTheHub(database);
            String rows = "COPY (SELECT " + COLUMNS + " FROM hub.all_events ORDER BY log_offset) TO STDOUT";
            Path text = export(database, rows, "rows.text");
            Path binary = export(database, rows + " WITH (FORMAT binary)", "rows.binary");
            double backend = throughTheBackend(database);
            double copied = copied(database, "copied", text, "");
            double copiedBinary = copied(database, "copied_binary", binary, " WITH (FORMAT binary)");
            System.out.printf("%n%,d rows, load of the machine at the end %s%n", ROWS, Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
            print("psql \\copy, text", copied, copied);
            print("psql \\copy, binary", copiedBinary, copied);
            print("the backend alone", backend, copied);
            print("the packaged hub, catching up", hub, copied);
            assertThat(database.values("SELECT count(*) FROM (SELECT " + COLUMNS + " FROM hub.all_events EXCEPT SELECT " + COLUMNS
                    + " FROM copied.all_events) AS different")).as("rows of the hub that psql does not have").containsExactly("0");
        }
    }

    private static void print(String what, double rate, double reference) {
        System.out.printf("%-32s %,10.0f rows/s  %5.2f of psql \\copy%n", what, rate, rate / reference);
    }

    /** The messages wait in the hub's log; the clock runs from the first transaction to the last. */
    private double throughTheHub(TestDatabase database) throws Exception {
        Path work = Files.createDirectories(folder.resolve("hub"));
        Path template = Files.writeString(folder.resolve("hub.yaml"), """
                transports: { tcp: { port: @PORT@ } }
                backends:
                  target: { type: postgresql, url: "%s", user: postgres, password: %s, schema: hub, start: earliest }
                routes: [ { source: "*", to: [target] } ]
                log: { path: "@LOG@", durability: @DURABILITY@ }
                """.formatted(database.server().url(), PostgresServer.PASSWORD));
        HubSetup setup = HubSetup.below(work, "sync").with(Optional.empty(), Optional.of(template));
        try (PackagedHub hub = PackagedHub.unpack(Path.of(System.getProperty("hub.tarball")), work, setup)) {
            Path plugin = hub.home().resolve("plugins/backend-postgresql.jar");
            Path aside = Files.move(plugin, folder.resolve("backend-postgresql.jar"));
            hub.start();
            LoadReport sent = LoadGenerator.to(hub.address()).connections(4).acknowledged(true).messages(ROWS).build().run();
            assertThat(sent.acked()).isEqualTo(ROWS);
            Files.copy(aside, plugin.resolveSibling(".next.tmp"));
            Files.move(plugin.resolveSibling(".next.tmp"), plugin, StandardCopyOption.ATOMIC_MOVE);
            return catchingUp(database);
        }
    }

    private static double catchingUp(TestDatabase database) throws Exception {
        String position = "SELECT coalesce(max(written), 0) FROM hub.monitoring_positions";
        Await.until("the backend opens", PATIENCE, () -> database.values("SELECT to_regclass('hub.monitoring_positions') IS NOT NULL").contains("t"), () -> "");
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            long[] written = new long[1];
            Callable<Long> look = () -> {
                try (ResultSet row = statement.executeQuery(position)) {
                    row.next();
                    return written[0] = row.getLong(1);
                }
            };
            Await.until("a first transaction", PATIENCE, () -> look.call() > 0, () -> "");
            long first = written[0];
            long begin = System.nanoTime();
            Await.until("the last transaction", PATIENCE, () -> look.call() >= ROWS, () -> written[0] + " of " + ROWS);
            return (ROWS - first) / ((System.nanoTime() - begin) / 1e9);
        }
    }

    /** Only what the backend does is timed, not the making of batches. */
    private double throughTheBackend(TestDatabase database) throws Exception {
        long now = Long.parseLong(database.values("SELECT floor(extract(epoch FROM now()) * 1000)::bigint").get(0));
        PostgresqlBackend backend = database.backend(Map.of("schema", "alone"));
        backend.open(TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "postgresql", "alone"), "alone", folder,
                new TestClock(Instant.ofEpochMilli(now))));
        long nanos = 0;
        for (long at = 0; at < ROWS; at += BATCH) {
            TestBatch batch = TestBatch.of("alone", at, LongStream.range(at, Math.min(ROWS, at + BATCH)).mapToObj(i -> i % 2 == 0
                    ? TestMessage.ofLength("service-" + i / 100 % 8, now, 210) : TestMessage.metric("service-" + i / 100 % 8, now, "m".repeat(110), i)).toList());
            long begin = System.nanoTime();
            backend.write(batch);
            backend.flush(batch.next());
            nanos += System.nanoTime() - begin;
        }
        backend.close();
        return ROWS / (nanos / 1e9);
    }

    private Path export(TestDatabase database, String copy, String name) throws Exception {
        Path file = folder.resolve(name);
        try (Connection connection = database.connect(); OutputStream out = Files.newOutputStream(file)) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut(copy, out);
        }
        return file;
    }

    private double copied(TestDatabase database, String schema, Path rows, String options) throws Exception {
        prepare(database, schema);
        ProcessBuilder command = new ProcessBuilder("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-w", "-h", "127.0.0.1", "-p", Integer.toString(database.server().port()), "-U", "postgres", "-d",
                "postgres", "-c", "\\timing on", "-c", "\\copy " + schema + ".monitoring_events (" + COLUMNS + ") FROM '" + rows + "'" + options).redirectErrorStream(true);
        command.environment().put("PGPASSWORD", PostgresServer.PASSWORD);
        Process psql = command.start();
        String printed = new String(psql.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(psql.waitFor()).as(printed).isZero();
        Matcher time = Pattern.compile("Time: ([0-9.]+) ms").matcher(printed);
        assertThat(time.find()).as(printed).isTrue();
        return ROWS / (Double.parseDouble(time.group(1)) / 1e3);
    }

    /** The same table with the same partitions. */
    private void prepare(TestDatabase database, String schema) throws Exception {
        PostgresqlBackend backend = database.backend(Map.of("schema", schema));
        backend.open(TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "postgresql", schema), schema, folder, new TestClock(Instant.EPOCH)));
        List<String> days = database.values("SELECT DISTINCT (extract(epoch FROM date_trunc('day', \"timestamp\", 'UTC')) * 1000)::bigint FROM hub.all_events");
        for (String day : days) {
            backend.write(TestBatch.of(schema, 0, List.of(TestMessage.event("s", Long.parseLong(day), "m"))));
        }
        backend.close();
        database.run("TRUNCATE " + schema + ".monitoring_events");
    }
}
