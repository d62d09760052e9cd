package io.monitoringhub.plugin.s3;

import io.airlift.compress.zstd.ZstdInputStream;
import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testservers.S3Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Configurations of this plugin for a test server, and what that server holds. */
final class S3Objects {

    private S3Objects() {
    }

    /** A started server. */
    static S3Server start(Path folder) throws IOException, InterruptedException {
        S3Server server = new S3Server(folder, Clock.systemUTC());
        server.start();
        return server;
    }

    /** Objects as soon as there are entries, all in one stream, at this address. */
    static S3Config config(URI endpoint, Map<String, Object> further) {
        Map<String, Object> values = new HashMap<>(Map.of("bucket", S3Server.BUCKET, "endpoint", endpoint.toString(), "path_style", true,
                "access_key", S3Server.ACCESS_KEY, ".secret_key", S3Server.SECRET_KEY, "key", "all/{offsets}", "roll_after_ms", 0));
        values.putAll(further);
        return ComponentConfig.of(S3Config.class, values);
    }

    /** All lines, in the order of the keys. */
    static List<String> lines(S3Server server) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String key : server.keys()) {
            lines.addAll(lines(server, key));
        }
        return lines;
    }

    /** The lines of one object; the last one must be complete. */
    static List<String> lines(S3Server server, String key) throws IOException {
        InputStream content = new ByteArrayInputStream(server.get(key));
        try (InputStream in = key.endsWith(".gz") ? new GZIPInputStream(content) : key.endsWith(".zst") ? new ZstdInputStream(content) : content) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (!text.endsWith("\n")) {
                throw new AssertionError(key + " is empty or ends within a line");
            }
            return List.of(text.substring(0, text.length() - 1).split("\n", -1));
        }
    }
}
