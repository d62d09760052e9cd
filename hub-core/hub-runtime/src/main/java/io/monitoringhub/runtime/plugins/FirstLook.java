package io.monitoringhub.runtime.plugins;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The jars that lay in {@code plugins/} when the hub came up: which of them come first, and whether they have been judged, one way or the
 * other. Thread-safe.
 */
final class FirstLook {

    private final Path folder;
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final Set<String> preferred = ConcurrentHashMap.newKeySet();
    /** How each looked before it was judged ahead. */
    private final Map<String, Optional<FileStamp>> judgedAhead = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> preferredDone = new CompletableFuture<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /** @throws IOException when the folder can't be listed */
    FirstLook(Path folder, Predicate<Path> isPlugin) throws IOException {
        this.folder = folder;
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(isPlugin).filter(Files::isRegularFile).forEach(file -> waiting.add(file.getFileName().toString()));
            }
        }
        completeIfAllAreSeen();
    }

    /**
     * Has these judged before the others.
     *
     * @return done when they are, at once for names of which there is no file
     */
    CompletionStage<Void> prefer(Collection<String> files) {
        preferred.addAll(files);
        preferred.retainAll(waiting);
        if (preferred.isEmpty()) {
            preferredDone.complete(null);
        }
        return preferredDone.minimalCompletionStage();
    }

    /** Those to be judged now, before what was asked for. The largest jar is first: it takes longest to start, and may do so beside the others. */
    List<Path> ahead() {
        forgetGone();
        List<Path> ahead = preferred.stream().filter(file -> !judgedAhead.containsKey(file)).map(folder::resolve).sorted(Comparator.comparing(
                Path::toFile, Comparator.comparingLong(File::length).reversed().thenComparing(File::getName))).toList();
        ahead.forEach(file -> judgedAhead.put(file.getFileName().toString(), FileStamp.of(file)));
        return ahead;
    }

    /** Whether this file was judged ahead as it is now, and is only now asked for. Once: later it is another file of this name. */
    boolean wasAhead(Path file) {
        Optional<FileStamp> then = judgedAhead.remove(file.getFileName().toString());
        return then != null && then.isPresent() && then.equals(FileStamp.of(file));
    }

    /** This file has been judged, or has gone. */
    void seen(String file) {
        waiting.remove(file);
        if (preferred.remove(file) && preferred.isEmpty()) {
            preferredDone.complete(null);
        }
        completeIfAllAreSeen();
    }

    /** Nobody is going to ask for a file that has gone since. */
    private void forgetGone() {
        waiting.stream().filter(file -> !Files.isRegularFile(folder.resolve(file))).forEach(this::seen);
    }

    /** Those that have not been judged. */
    Stream<String> waiting() {
        forgetGone();
        return waiting.stream();
    }

    private void completeIfAllAreSeen() {
        if (waiting.isEmpty()) {
            done.complete(null);
        }
    }

    CompletionStage<Void> done() {
        forgetGone();
        return done.minimalCompletionStage();
    }
}
