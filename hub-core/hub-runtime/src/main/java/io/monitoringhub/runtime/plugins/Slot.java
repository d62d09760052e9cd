package io.monitoringhub.runtime.plugins;

import java.time.Instant;
import org.osgi.framework.Bundle;

/**
 * One file name in {@code plugins/}: the bundle that runs for it, and what became of its present content.
 *
 * <p>Written by one thread at a time, read by any: each field stands for itself.
 */
final class Slot {

    final String file;
    /** What runs for this file; null while nothing does. */
    volatile Bundle bundle;
    volatile String sha256 = "";
    /** The present content was refused, but may pass once other bundles have changed. */
    volatile boolean retryable;
    private volatile Plugin view;

    Slot(String file) {
        this.file = file;
        this.view = new Plugin(file, "", "", Plugin.State.REFUSED, "being looked at", Instant.EPOCH);
    }

    boolean runs(PluginJar jar) {
        return bundle != null && sha256.equals(jar.sha256());
    }

    /** It ran; then a bundle that it was wired to went. */
    boolean lostWhatItNeeds() {
        Bundle running = bundle;
        return running != null && running.getState() == Bundle.INSTALLED;
    }

    boolean isRefusedFor(String reason) {
        boolean refused = view.state() == Plugin.State.REFUSED || view.state() == Plugin.State.KEPT;
        return refused && view.detail().equals(reason);
    }

    void become(Plugin.State state, String detail, Instant now) {
        Bundle running = bundle;
        String name = running == null ? "" : running.getSymbolicName();
        String version = running == null ? "" : running.getVersion().toString();
        boolean same = view.state() == state && view.detail().equals(detail) && view.version().equals(version);
        if (state == Plugin.State.ACTIVE || state == Plugin.State.ROLLED_BACK) {
            retryable = false;
        }
        view = new Plugin(file, name, version, state, detail, same ? view.since() : now);
    }

    Plugin view() {
        return view;
    }
}
