package io.monitoringhub.distribution.destinations;

import io.monitoringhub.testservers.S3Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** A bucket of S3Proxy. */
final class S3Destination implements Destination {

    private S3Server server;

    @Override
    public String type() {
        return "s3";
    }

    @Override
    public void start(Path folder) throws Exception {
        for (Path each : List.of(folder.getParent(), folder)) {
            Set<PosixFilePermission> passable = Files.getPosixFilePermissions(each);
            passable.add(PosixFilePermission.OTHERS_EXECUTE);
            Files.setPosixFilePermissions(each, passable);
        }
        server = new S3Server(folder, Clock.systemUTC());
        server.start();
    }

    @Override
    public String settings() {
        return "bucket: " + S3Server.BUCKET + ", endpoint: \"" + server.uri() + "\", path_style: true, access_key: " + S3Server.ACCESS_KEY
                + ", secret_key: \"" + S3Server.SECRET_KEY + "\", key: \"all/{offsets}\", roll_after_ms: 200";
    }

    @Override
    public void kill() throws Exception {
        server.kill();
    }

    @Override
    public void restart() throws Exception {
        server.start();
    }

    @Override
    public List<Long> held() throws IOException {
        List<Long> numbers = new ArrayList<>();
        for (String key : server.keys()) {
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(server.get(key)))) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(line -> numbers.add(FilesystemDestination.number(line)));
            }
        }
        return numbers;
    }

    @Override
    public void close() throws Exception {
        server.close();
    }
}
