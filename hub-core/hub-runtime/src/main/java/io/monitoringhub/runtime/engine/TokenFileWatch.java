package io.monitoringhub.runtime.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** Tells whether the token file is another one than the last time. Used by one thread at a time. */
final class TokenFileWatch {

    private Optional<Path> watched = Optional.empty();
    private String known = "";

    /** Looks at the file; one that was not looked at before has not changed. */
    boolean hasChanged(Optional<Path> file) {
        String now = file.map(TokenFileWatch::state).orElse("");
        boolean hasChanged = watched.equals(file) && !now.equals(known);
        watched = file;
        known = now;
        return hasChanged;
    }

    private static String state(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException notThere) {
            return "";
        }
    }
}
