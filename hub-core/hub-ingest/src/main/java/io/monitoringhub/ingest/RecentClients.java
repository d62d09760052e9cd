package io.monitoringhub.ingest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Clients in the order in which they were last asked for; the first goes when there are too many. Not thread-safe. */
final class RecentClients extends LinkedHashMap<UUID, Client> {

    private static final long serialVersionUID = 1L;

    private final int most;

    RecentClients(int most) {
        super(16, 0.75f, true);
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<UUID, Client> eldest) {
        return size() > most && eldest.getValue().isIdle();
    }
}
