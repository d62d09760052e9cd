package io.monitoringhub.testservers;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * S3Proxy: the S3 protocol over a folder, with signatures checked. Used by one thread at a time.
 *
 * <p>What it has confirmed is in files, so it survives SIGKILL. The bucket {@link #BUCKET} is there from the beginning.
 */
public final class S3Server implements TestServer {

    /** The bucket. */
    public static final String BUCKET = "entries";
    /** The access key id. */
    public static final String ACCESS_KEY = "hub";
    /** The secret access key. */
    public static final String SECRET_KEY = "kept between friends";

    private static final String ARCHIVE = "s3proxy-jar-with-dependencies.jar";
    private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final String REGION = "us-east-1";

    private final Path folder;
    private final Clock clock;
    private final int port;
    private final S3Signature signature = new S3Signature(ACCESS_KEY, SECRET_KEY, REGION);
    private ServerProcess process;

    /** @param folder for its data and its output; must be there @param clock for signatures, the machine's */
    public S3Server(Path folder, Clock clock) throws IOException {
        this.folder = folder;
        this.clock = clock;
        this.port = ServerProcess.freePort();
    }

    /** Its address, such as {@code http://127.0.0.1:40123}. */
    public URI uri() {
        return URI.create("http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port);
    }

    @Override
    public void start() throws IOException, InterruptedException {
        Path data = Files.createDirectories(folder.resolve("s3"));
        Files.createDirectories(data.resolve("buckets").resolve(BUCKET));
        Path properties = Files.writeString(data.resolve("s3proxy.properties"), String.join("\n", "s3proxy.authorization=aws-v2-or-v4",
                "s3proxy.identity=" + ACCESS_KEY, "s3proxy.credential=" + SECRET_KEY, "s3proxy.endpoint=" + uri(),
                "jclouds.provider=filesystem-nio2", "jclouds.filesystem.basedir=" + data.resolve("buckets")));
        ServerProcess.giveToServer(data);
        ProcessBuilder command = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + data, "-jar",
                Path.of(System.getProperty("hub.testservers"), ARCHIVE).toAbsolutePath().toString(), "--properties", properties.toString());
        process = ServerProcess.start("s3proxy", command, folder.resolve("s3proxy.log"), () -> !request("GET", "", Map.of("list-type", "2",
                "max-keys", "1")).isBlank());
    }

    /** The keys of all objects, in their order. */
    public List<String> keys() throws IOException {
        List<String> keys = new ArrayList<>();
        String last = "";
        while (true) {
            Matcher found = KEY.matcher(request("GET", "", last.isEmpty() ? Map.of("list-type", "2", "encoding-type", "url")
                    : Map.of("list-type", "2", "encoding-type", "url", "start-after", last)));
            int before = keys.size();
            while (found.find()) {
                keys.add(URLDecoder.decode(found.group(1), StandardCharsets.UTF_8));
            }
            if (keys.size() == before) {
                return keys;
            }
            last = keys.get(keys.size() - 1);
        }
    }

    /** The number of uploads in parts that were neither completed nor aborted. */
    public int unfinishedUploads() throws IOException {
        return request("GET", "", Map.of("uploads", "")).split("<UploadId>", -1).length - 1;
    }

    /** The content of an object. */
    public byte[] get(String key) throws IOException {
        HttpURLConnection connection = open("GET", key, Map.of());
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    /** Takes an object away. */
    public void delete(String key) throws IOException {
        request("DELETE", key, Map.of());
    }

    /** Takes all objects away. */
    public void clear() throws IOException {
        for (String key : keys()) {
            delete(key);
        }
    }

    private String request(String method, String key, Map<String, String> query) throws IOException {
        HttpURLConnection connection = open(method, key, query);
        try (InputStream in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private HttpURLConnection open(String method, String key, Map<String, String> query) throws IOException {
        String path = "/" + BUCKET + (key.isEmpty() ? "" : "/" + S3Signature.encoded(key, true));
        StringBuilder text = new StringBuilder();
        new TreeMap<>(query).forEach((name, value) -> text.append(text.isEmpty() ? "" : "&").append(S3Signature.encoded(name, false)).append('=')
                .append(S3Signature.encoded(value, false)));
        HttpURLConnection connection = (HttpURLConnection) uri().resolve(path + (text.isEmpty() ? "" : "?" + text)).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setRequestMethod(method);
        String time = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").format(clock.instant().atOffset(ZoneOffset.UTC));
        signature.headers(method, uri().getAuthority(), path, text.toString(), time).forEach(connection::setRequestProperty);
        return connection;
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
        process.close();
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            process.close();
            process = null;
        }
    }
}
