package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Whether each jar that lay in {@code plugins/} when the hub came up has been judged, one way or the other. Thread-safe.
 */
final class FirstLook {

    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /** @throws IOException when the folder can't be listed */
    FirstLook(Path plugins, Predicate<Path> isPlugin) throws IOException {
        if (Files.isDirectory(plugins)) {
            try (Stream<Path> files = Files.list(plugins)) {
                files.filter(isPlugin).forEach(file -> waiting.add(file.getFileName().toString()));
            }
        }
        completeIfAllAreSeen();
    }

    /** This file has been judged, or has gone. */
    void seen(String file) {
        waiting.remove(file);
        completeIfAllAreSeen();
    }

    private void completeIfAllAreSeen() {
        if (waiting.isEmpty()) {
            done.complete(null);
        }
    }

    CompletionStage<Void> done() {
        return done.minimalCompletionStage();
    }
}
