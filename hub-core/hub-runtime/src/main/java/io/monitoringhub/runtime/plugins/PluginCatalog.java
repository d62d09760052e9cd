package io.monitoringhub.runtime.plugins;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What is in {@code plugins/} and what became of it.
 *
 * <p>Thread-safe; never waits for a replacement that is under way.
 */
public interface PluginCatalog {

    /** All files, by name. */
    List<Plugin> plugins();

    /** What was refused since the hub started. */
    RefusalCounters refusals();

    /** Done when each jar that lay there at the start has been judged: it runs, or it is refused. Never fails. */
    CompletionStage<Void> firstLook();
}
