package io.monitoringhub.distribution.destinations;

import io.monitoringhub.testservers.S3Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A bucket of S3Proxy. */
final class S3Destination extends ServerDestination<S3Server> {

    @Override
    public String type() {
        return "s3";
    }

    @Override
    S3Server in(Path folder) throws Exception {
        return new S3Server(folder, Clock.systemUTC());
    }

    @Override
    public String settings() {
        return "bucket: " + S3Server.BUCKET + ", endpoint: \"" + server().uri() + "\", path_style: true, access_key: " + S3Server.ACCESS_KEY
                + ", secret_key: \"" + S3Server.SECRET_KEY + "\", key: \"all/{offsets}\", roll_after_ms: 200";
    }

    @Override
    public List<Long> held() throws IOException {
        List<Long> numbers = new ArrayList<>();
        for (String key : server().keys()) {
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(server().get(key)))) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(line -> numbers.add(FilesystemDestination.number(line)));
            }
        }
        return numbers;
    }
}
