package io.monitoringhub.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A single node of Elasticsearch or OpenSearch with a small heap, from an archive that the build has fetched. Without users and TLS unless
 * it says otherwise. Used by one thread at a time.
 */
public abstract class SearchServer implements TestServer {

    private final String name;
    private final Path folder;
    private final Path home;
    private final int port;
    private final int transportPort;
    private final Map<String, String> settings = new TreeMap<>();
    private boolean isUnpacked;
    private KnownDisk disk;
    private ServerProcess process;

    /** @param folder for this server alone; the folders above must let others pass */
    SearchServer(String name, Path folder) throws IOException {
        this.name = name;
        this.folder = folder;
        this.home = folder.resolve("home");
        this.port = ServerProcess.freePort();
        this.transportPort = ServerProcess.freePort();
    }

    /** Adds to the configuration file; before the first start. */
    public final SearchServer with(String setting, String value) {
        settings.put(setting, value);
        return this;
    }

    /** The program and its environment. */
    abstract ProcessBuilder command(Path home) throws IOException;

    /** Changes what was unpacked before it is started for the first time. */
    abstract void prepare(Path home) throws IOException, InterruptedException;

    /** Where it listens: {@code http://127.0.0.1:port}, without a slash at its end. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    final int port() {
        return port;
    }

    @Override
    public final void freeze() throws IOException, InterruptedException {
        process.freeze();
    }

    @Override
    public final void thaw() throws IOException, InterruptedException {
        process.thaw();
    }

    @Override
    public final void start() throws IOException, InterruptedException {
        if (!isUnpacked) {
            ServerArchive.unpack(name + ".zip", home);
            prepare(home);
            Files.write(home.resolve("config/" + name + ".yml"), configuration());
            Files.createDirectories(home.resolve("temp"));
            disk = KnownDisk.at(home.resolve("data"));
            ServerProcess.giveToServer(home);
            isUnpacked = true;
        }
        ProcessBuilder command = command(home).directory(home.toFile());
        process = ServerProcess.start(name, command, folder.resolve("output"), this::isReady);
    }

    private List<String> configuration() {
        Map<String, String> all = new TreeMap<>(Map.of("discovery.type", "single-node", "network.host", "127.0.0.1",
                "http.port", Integer.toString(port), "transport.port", Integer.toString(transportPort),
                "cluster.routing.allocation.disk.threshold_enabled", "false"));
        all.putAll(settings);
        List<String> lines = new ArrayList<>();
        all.forEach((key, value) -> lines.add(key + ": " + value));
        return lines;
    }

    private boolean isReady() throws IOException {
        HttpURLConnection connection = connect("/_cluster/health?wait_for_status=yellow&timeout=1s");
        connection.setConnectTimeout(1_000);
        connection.setReadTimeout(5_000);
        try {
            return connection.getResponseCode() == 200;
        } finally {
            connection.disconnect();
        }
    }

    /** A connection that may ask everything. */
    HttpURLConnection connect(String path) throws IOException {
        return (HttpURLConnection) URI.create(url() + path).toURL().openConnection();
    }

    /** Asks the server. @return the answer's body @throws IOException when its status is 400 or above, with the body */
    public final String ask(String method, String path, String body) throws IOException {
        HttpURLConnection connection = connect(path);
        try {
            connection.setRequestMethod(method);
            connection.setRequestProperty("Content-Type", "application/json");
            if (!body.isEmpty()) {
                connection.setDoOutput(true);
                connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            }
            if (connection.getResponseCode() >= 400) {
                byte[] why = connection.getErrorStream() == null ? new byte[0] : connection.getErrorStream().readAllBytes();
                throw new IOException(method + " " + path + " is answered " + connection.getResponseCode() + ": "
                        + new String(why, StandardCharsets.UTF_8));
            }
            return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            connection.disconnect();
        }
    }

    @Override
    public final void kill() throws InterruptedException {
        process.close();
    }

    @Override
    public final void close() throws InterruptedException {
        if (process != null) {
            process.close();
        }
        if (disk != null) {
            try {
                disk.close();
                disk = null;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot unmount the data folder of " + name, e);
            }
        }
    }
}
