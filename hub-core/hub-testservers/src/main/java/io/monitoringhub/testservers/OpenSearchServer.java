package io.monitoringhub.testservers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** OpenSearch 2, bare: without plugins. Used by one thread at a time. */
public final class OpenSearchServer extends SearchServer {

    /** @param folder for this server alone */
    public OpenSearchServer(Path folder) throws IOException {
        super("opensearch", folder);
    }

    @Override
    void prepare(Path home) { }

    @Override
    ProcessBuilder command(Path home) {
        return new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms384m", "-Xmx384m",
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.security.manager=allow", "-Djava.awt.headless=true",
                "-Djava.io.tmpdir=" + home.resolve("temp"), "-Dopensearch.path.home=" + home, "-Dopensearch.path.conf=" + home.resolve("config"),
                "-Dopensearch.distribution.type=zip", "-cp", home.resolve("lib") + "/*", "org.opensearch.bootstrap.OpenSearch"));
    }
}
