package io.monitoringhub.runtime.plugins;

import java.time.Instant;
import java.util.Optional;
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
    /** Of what runs; empty when that is not what the file held when it was looked at. */
    volatile String sha256 = "";
    /** Why the present content is not what runs. */
    volatile Optional<Refusal> refusal = Optional.empty();
    /** What is wrong with the signature of what runs; empty where nothing is, or nobody asks. */
    volatile String signature = "";
    /** When what runs was last seen to start or stop otherwise than by a new file. */
    volatile Instant changed = Instant.EPOCH;
    private volatile Plugin view;

    Slot(String file, Instant came) {
        this.file = file;
        this.view = new Plugin(file, "", "", Plugin.State.NEW, "", came);
    }

    boolean runs(PluginJar jar) {
        return bundle != null && sha256.equals(jar.sha256());
    }

    void runs(Bundle fresh, String sha, String signatureProblem) {
        bundle = fresh;
        sha256 = sha;
        signature = signatureProblem;
    }

    void runsNothing() {
        runs(null, "", "");
    }

    /** The present content was refused, but may pass once other bundles have changed. */
    boolean isRetryable() {
        return refusal.stream().anyMatch(Refusal::isRetriedWithOtherBundles);
    }

    /** It ran; then a bundle that it was wired to went. */
    boolean lostWhatItNeeds() {
        Bundle running = bundle;
        return running != null && running.getState() == Bundle.INSTALLED;
    }

    boolean isRefusedFor(String reason) {
        return refusal.isPresent() && view.detail().equals(reason);
    }

    void become(Plugin.State state, String detail, Instant now) {
        Bundle running = bundle;
        String name = running == null ? "" : running.getSymbolicName();
        String version = running == null ? "" : running.getVersion().toString();
        boolean same = view.state() == state && view.detail().equals(detail) && view.version().equals(version);
        if (state == Plugin.State.ACTIVE) {
            refusal = Optional.empty();
        }
        view = new Plugin(file, name, version, state, detail, same ? view.since() : now);
    }

    Plugin view() {
        return view;
    }
}
