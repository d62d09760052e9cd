package io.monitoringhub.runtime.plugins;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * What is in {@code plugins/} and what became of it.
 *
 * <p>Thread-safe; only {@link #judged} waits, and for no replacement that is under way.
 */
public interface PluginCatalog {

    /** For {@link #judged}: a plugin that takes longer hangs. */
    long LONGEST_LOOK_SECONDS = 3;

    /** All files, by name. */
    List<Plugin> plugins();

    /** All files as soon as each that lay there at the start has been judged; those that were, if that takes longer than a few seconds. */
    default List<Plugin> judged() {
        firstLook().toCompletableFuture().completeOnTimeout(null, LONGEST_LOOK_SECONDS, TimeUnit.SECONDS).join();
        return plugins();
    }

    /** What was refused since the hub started. */
    RefusalCounters refusals();

    /** Done when each jar that lay there at the start has been judged: it runs, or it is refused. Never fails. */
    CompletionStage<Void> firstLook();

    /**
     * Has these judged before all others at the start.
     *
     * @param files names of jars
     * @return done when they have been judged, at once where there is no such file. Never fails
     */
    CompletionStage<Void> prefer(Collection<String> files);
}
