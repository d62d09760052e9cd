package io.monitoringhub.testservers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The archive of a server, as the build has fetched it. Immutable. */
final class ServerArchive {

    private ServerArchive() { }

    /**
     * Unpacks it, without the folder that all is in.
     *
     * @param name its file's, below what the system property {@code hub.testservers} names
     * @param home where to; made, and everybody may read it
     */
    static void unpack(String name, Path home) throws IOException {
        String servers = System.getProperty("hub.testservers");
        if (servers == null) {
            throw new IOException("the system property hub.testservers does not say where the servers' archives are; the root pom sets it");
        }
        Path archive = Path.of(servers, name);
        if (!Files.exists(archive)) {
            throw new IOException(archive + " is not there: build hub-core/hub-testservers, which fetches it");
        }
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements();) {
                ZipEntry entry = entries.nextElement();
                String inside = entry.getName().substring(entry.getName().indexOf('/') + 1);
                Path target = home.resolve(inside).normalize();
                if (!target.startsWith(home)) {
                    throw new IOException(archive + " has an entry that leads out of it: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(zip.getInputStream(entry), target);
                    if (inside.startsWith("bin/")) {
                        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
                    }
                }
            }
        }
    }
}
