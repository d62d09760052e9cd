package io.monitoringhub.testservers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL, of the embedded binaries: superuser {@code postgres} with password {@code secret}, database {@code postgres}.
 * Used by one thread at a time.
 *
 * <p>There is no Unix socket, and fsync is on.
 */
public final class PostgresServer implements TestServer {

    /** The superuser's password. */
    public static final String PASSWORD = "secret";

    private static final String ARCHIVE = "hub.testservers";
    private static final byte[] STARTUP = {0, 0, 0, 8, 4, (byte) 0xd2, 22, 47};

    private final Path programs;
    private final Path folder;
    private final int port;
    private final List<String> options;
    private ServerProcess process;

    private PostgresServer(Path programs, Path folder, int port, List<String> options) {
        this.programs = programs;
        this.folder = folder;
        this.port = port;
        this.options = options;
    }

    /**
     * Unpacks and initialises a server; it does not run yet.
     *
     * @param folder gets programs and data; deleted by whoever made it
     * @param options further lines of postgresql.conf as {@code name=value}
     */
    public static PostgresServer in(Path folder, String... options) throws IOException, InterruptedException {
        Path programs = Files.createDirectories(folder.resolve("programs"));
        unpack(Path.of(System.getProperty(ARCHIVE), "postgresql.jar"), programs);
        Path password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        ServerProcess.giveToServer(folder);
        PostgresServer server = new PostgresServer(programs, folder, ServerProcess.freePort(), List.of(options));
        ServerProcess.runAsServer(List.of(programs.resolve("bin/initdb").toString(), "-D", server.data().toString(), "-U", "postgres",
                "--pwfile=" + password, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"));
        return server;
    }

    private static void unpack(Path archive, Path to) throws IOException, InterruptedException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry entry = zip.stream().filter(each -> each.getName().endsWith(".txz")).findFirst()
                    .orElseThrow(() -> new IOException("no .txz in " + archive));
            Process tar = new ProcessBuilder("tar", "-x", "-C", to.toString()).redirectErrorStream(true).start();
            try (InputStream in = new XZInputStream(zip.getInputStream(entry)); OutputStream out = tar.getOutputStream()) {
                in.transferTo(out);
            }
            String printed = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (tar.waitFor() != 0) {
                throw new IOException("tar cannot unpack " + archive + ": " + printed);
            }
        }
    }

    @Override
    public void start() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(programs.resolve("bin/postgres").toString(), "-D", data().toString(), "-p",
                Integer.toString(port), "-h", "127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=on"));
        options.forEach(option -> command.addAll(List.of("-c", option)));
        process = ServerProcess.start("PostgreSQL", new ProcessBuilder(command), folder.resolve("output"), this::answers);
    }

    /** A request for TLS is answered by one letter, and logged by nobody; while the server starts or recovers it accepts none. */
    private boolean answers() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(1_000);
            socket.getOutputStream().write(STARTUP);
            return socket.getInputStream().read() >= 0 && Files.readString(data().resolve("postmaster.pid")).contains("ready");
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    /** The JDBC URL of its database. */
    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    /** Its port. */
    public int port() {
        return port;
    }

    @Override
    public void freeze() throws IOException, InterruptedException {
        process.freeze();
    }

    @Override
    public void thaw() throws IOException, InterruptedException {
        process.thaw();
    }

    @Override
    public void kill() throws InterruptedException {
        if (process != null) {
            process.close();
            process = null;
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
