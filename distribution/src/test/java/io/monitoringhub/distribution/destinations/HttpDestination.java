package io.monitoringhub.distribution.destinations;

import io.monitoringhub.distribution.EventFiles;
import io.monitoringhub.distribution.PackagedHub;
import io.monitoringhub.testservers.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A second hub as it is shipped, with transport-http and files. */
final class HttpDestination implements Destination {

    /** Committed where it stands, and nothing behind. */
    private static final String ALL_COMMITTED = "(?s).*\\narchive +OK +([1-9]\\d*) +\\1 +0 .*";

    private PackagedHub hub;
    private int port;

    @Override
    public String type() {
        return "http";
    }

    @Override
    public void start(Path folder) throws Exception {
        port = ServerProcess.freePort();
        hub = PackagedHub.unpackInto(folder).configure("""
                transports: { http: { port: %d } }
                backends: { archive: { type: filesystem, path: events } }
                routes: [ { source: "*", to: [archive] } ]
                """.formatted(port)).start();
    }

    @Override
    public String settings() {
        return "url: \"http://127.0.0.1:" + port + "\"";
    }

    @Override
    public void kill() throws IOException {
        hub.kill();
    }

    @Override
    public void restart() throws Exception {
        hub.start();
    }

    @Override
    public List<Long> held() {
        hub.waitUntil("the second hub has committed all that it has", () -> hub.ask("hub:lanes").matches(ALL_COMMITTED), () -> hub.ask("hub:lanes"));
        return EventFiles.lines(hub.data().resolve("events")).stream().map(FilesystemDestination::number).toList();
    }

    @Override
    public void close() throws IOException {
        if (hub != null) {
            hub.close();
        }
    }
}
