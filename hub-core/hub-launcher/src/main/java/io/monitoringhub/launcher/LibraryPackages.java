package io.monitoringhub.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/**
 * The packages of the libraries in {@code lib/} that bundles may import, with the versions that the libraries' own manifests give them. As bundles, each
 * of these jars would take a start as long as one that does something, and Java keeps no lambda of a bundle in its class archive.
 *
 * <p>They are listed in {@code library-packages.txt}: to open every jar for its manifest would take longer than to read one list.
 */
final class LibraryPackages {

    private static final String LIST = "library-packages.txt";

    private LibraryPackages() {
    }

    /** In the syntax of {@code Export-Package}. */
    static String exports() {
        try (InputStream in = LibraryPackages.class.getResourceAsStream(LIST)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining(","));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + LIST + " from the launcher's jar", e);
        }
    }
}
