package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * A private copy of a jar that was read to its last byte and is a bundle. The operator may overwrite the original meanwhile.
 *
 * <p>Immutable.
 *
 * @param path the copy
 * @param sha256 of its bytes
 * @param symbolicName the bundle's
 * @param version the bundle's
 * @param isKnown whether it is, byte for byte, the jar that worked last under this name
 */
record PluginJar(Path path, String sha256, String symbolicName, Version version, boolean isKnown) {

    /** Copies and verifies a jar. */
    static PluginJar stage(Path original, Path copy) throws RefusedException {
        return stage(original, copy, Optional.empty());
    }

    /**
     * Copies and verifies a jar.
     *
     * @param known the one that worked last: the same bytes need not be inflated again
     */
    static PluginJar stage(Path original, Path copy, Optional<Path> known) throws RefusedException {
        try {
            Files.createDirectories(copy.getParent());
            String sha256 = copyAndDigest(original, copy);
            return read(copy, sha256, known.isPresent() && Files.mismatch(copy, known.get()) < 0);
        } catch (IOException | SecurityException e) {
            deleteQuietly(copy);
            throw new RefusedException(Refusal.CONTENT, "not a whole jar (" + e.getMessage() + ")");
        } catch (RefusedException e) {
            deleteQuietly(copy);
            throw e;
        }
    }

    PluginJar asKnown() {
        return new PluginJar(path, sha256, symbolicName, version, true);
    }

    InputStream open() throws IOException {
        return Files.newInputStream(path);
    }

    /** The SHA-256 of a file, as {@link #sha256} is written. */
    static String digest(Path file) throws IOException {
        return transfer(file, OutputStream.nullOutputStream());
    }

    private static String copyAndDigest(Path original, Path copy) throws IOException {
        try (OutputStream out = Files.newOutputStream(copy)) {
            return transfer(original, out);
        }
    }

    private static String transfer(Path original, OutputStream out) throws IOException {
        MessageDigest digest = newDigest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(original), digest)) {
            in.transferTo(out);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static PluginJar read(Path copy, String sha256, boolean isKnown) throws IOException, RefusedException {
        try (JarFile jar = new JarFile(copy.toFile())) {
            if (!isKnown) {
                readEverything(jar);
            }
            Manifest manifest = jar.getManifest();
            Attributes headers = manifest == null ? new Attributes() : manifest.getMainAttributes();
            String header = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
            String name = header == null ? "" : header.split(";", 2)[0].strip();
            if (name.isEmpty()) {
                throw new RefusedException(Refusal.CONTENT, "not a bundle: its manifest has no Bundle-SymbolicName");
            }
            if (headers.getValue(Constants.FRAGMENT_HOST) != null) {
                throw new RefusedException(Refusal.CONTENT, "a fragment: embed it in the plugin that needs it");
            }
            return new PluginJar(copy, sha256, name, version(headers), isKnown);
        }
    }

    /** Signatures of a signed jar are verified by reading; checksums are not, so this does it. */
    private static void readEverything(JarFile jar) throws IOException {
        for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements();) {
            JarEntry entry = entries.nextElement();
            CRC32 checksum = new CRC32();
            try (InputStream in = new CheckedInputStream(jar.getInputStream(entry), checksum)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            if (entry.getCrc() >= 0 && entry.getCrc() != checksum.getValue()) {
                throw new IOException("checksum of " + entry.getName() + " is wrong");
            }
        }
    }

    private static Version version(Attributes headers) throws RefusedException {
        try {
            return Version.parseVersion(headers.getValue(Constants.BUNDLE_VERSION));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Refusal.CONTENT, "Bundle-Version is none (" + e.getMessage() + ")");
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It lies in the hub's own run folder and is overwritten by the next attempt.
            return;
        }
    }
}
