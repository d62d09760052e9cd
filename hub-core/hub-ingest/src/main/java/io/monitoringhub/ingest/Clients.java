package io.monitoringhub.ingest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The acknowledged clients that the hub remembers. Thread-safe. */
final class Clients {

    private final Map<UUID, Client> known;

    Clients(int most) {
        known = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<UUID, Client> eldest) {
                return size() > most && eldest.getValue().isIdle();
            }
        };
    }

    /** The client of this id; one that is not known yet begins at {@code next}. */
    Client client(UUID id, long next) {
        synchronized (known) {
            return known.computeIfAbsent(id, unknown -> new Client(unknown, next - 1));
        }
    }

    int size() {
        synchronized (known) {
            return known.size();
        }
    }
}
