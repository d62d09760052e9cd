package io.monitoringhub.testservers;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/**
 * moto: CloudWatch and CloudWatch Logs as far as a Python program on one machine can be them. Used by one thread at a time.
 *
 * <p>It is installed from PyPI at its first use, with pinned versions, into a virtual environment beside the archives of the other servers;
 * that takes {@code python3} with its venv module. Java's SDK speaks a protocol to CloudWatch metrics that moto does not know;
 * {@code moto_with_cbor.py} translates.
 *
 * <p>moto keeps all in memory, so a SIGKILL would take its data along. {@link #kill} therefore cuts a relay in front of it: connections are
 * reset in the middle of whatever they were in, new ones are refused, and a request that moto has received already is carried out without
 * anybody being told. {@link #freeze} stops the process itself: connections are taken, and never answered.
 */
public final class MotoServer implements TestServer {

    private static final String REQUIREMENTS = "moto-requirements.txt";
    private static final String PROGRAM = "moto_with_cbor.py";
    private static final int CONNECT_MILLIS = 2_000;

    private final Path folder;
    private final int port;
    private final int innerPort;
    private final Relay relay;
    private ServerProcess process;

    /** @param folder for its output; must be there */
    public MotoServer(Path folder) throws IOException {
        this.folder = folder;
        this.port = ServerProcess.freePort();
        this.innerPort = ServerProcess.freePort();
        this.relay = new Relay(port, innerPort);
    }

    /** Its address, such as {@code http://127.0.0.1:40123}. */
    public URI uri() {
        return URI.create("http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port);
    }

    @Override
    public void start() throws IOException, InterruptedException {
        if (process == null) {
            Path home = installed();
            ProcessBuilder command = new ProcessBuilder(home.resolve("bin/python").toString(), "-B", home.resolve(PROGRAM).toString(),
                    Integer.toString(innerPort));
            process = ServerProcess.start("moto", command, folder.resolve("moto.log"), this::answers);
        }
        relay.listen();
    }

    private boolean answers() throws IOException {
        HttpURLConnection asked = (HttpURLConnection) new URL("http://127.0.0.1:" + innerPort + "/moto-api/").openConnection();
        asked.setConnectTimeout(CONNECT_MILLIS);
        asked.setReadTimeout(CONNECT_MILLIS);
        try {
            return asked.getResponseCode() == HttpURLConnection.HTTP_OK;
        } finally {
            asked.disconnect();
        }
    }

    /** Unreachable from here on; see above. */
    @Override
    public void kill() throws InterruptedException {
        relay.close();
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
    public void close() throws InterruptedException {
        relay.close();
        if (process != null) {
            process.close();
            process = null;
        }
    }

    /** The virtual environment, made if it is not there as it should be; two builds at a time wait for each other. */
    private static Path installed() throws IOException, InterruptedException {
        Path servers = Path.of(System.getProperty("hub.testservers")).toAbsolutePath();
        Files.createDirectories(servers);
        Path home = servers.resolve("moto");
        try (FileChannel channel = FileChannel.open(servers.resolve("moto.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            Path complete = home.resolve(REQUIREMENTS);
            byte[] wanted = resource(REQUIREMENTS);
            if (!Files.exists(complete) || !Arrays.equals(Files.readAllBytes(complete), wanted)) {
                Path list = Files.write(servers.resolve(REQUIREMENTS), wanted);
                ServerProcess.run(List.of("python3", "-m", "venv", "--clear", home.toString()));
                ServerProcess.run(List.of(home.resolve("bin/pip").toString(), "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r",
                        list.toString()));
                Files.write(complete, wanted);
            }
            Files.write(home.resolve(PROGRAM), resource(PROGRAM));
        }
        return home;
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = MotoServer.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }
}
