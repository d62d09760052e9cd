package io.monitoringhub.distribution.destinations;

import io.monitoringhub.testservers.TestServer;
import java.nio.file.Path;

/** A destination that is one server. Used by one thread at a time. */
abstract class ServerDestination<S extends TestServer> implements Destination {

    private S server;

    /** The server, not yet started. */
    abstract S in(Path folder) throws Exception;

    final S server() {
        return server;
    }

    @Override
    public final void start(Path folder) throws Exception {
        server = in(folder);
        server.start();
    }

    @Override
    public final void kill() throws Exception {
        server.kill();
    }

    @Override
    public final void restart() throws Exception {
        server.start();
    }

    @Override
    public final void close() throws Exception {
        if (server != null) {
            server.close();
        }
    }
}
