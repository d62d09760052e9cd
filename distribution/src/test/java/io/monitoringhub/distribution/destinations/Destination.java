package io.monitoringhub.distribution.destinations;

import java.nio.file.Path;
import java.util.List;

/**
 * A backend together with the real destination that it delivers to, as a test of all backends needs both. Used by one thread at a time.
 *
 * <p>Life: {@code start (kill restart)* close}. The destination's port and data survive {@link #kill}.
 */
public interface Destination extends AutoCloseable {

    /** The backend's type in {@code hub.yaml}; its jar is {@code backend-<type>.jar}. */
    String type();

    /** Starts the server. @param folder its own, empty and for as long as the test lasts */
    void start(Path folder) throws Exception;

    /** Further settings of the backend as the inside of a YAML flow mapping: {@code url: "...", user: hub}. */
    String settings();

    /** The server dies without a word, or, where its data would not survive that, becomes unreachable. */
    void kill() throws Exception;

    /** The server is there again, with what it held. */
    void restart() throws Exception;

    /**
     * The number {@code data.bench} of every entry that the destination holds, in the order in which it holds them (by the log's offsets
     * where it stores those); a doubled entry stands there twice. Called when the lane has passed everything.
     */
    List<Long> held() throws Exception;

    /** Whether it may never hold an entry twice; else doubles are told but do not fail. */
    default boolean isExactlyOnce() {
        return true;
    }

    @Override
    void close() throws Exception;
}
