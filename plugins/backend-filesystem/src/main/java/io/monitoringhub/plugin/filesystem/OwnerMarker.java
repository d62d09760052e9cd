package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * The file {@code .hub-owner} that says which backend a folder belongs to, so that two never write to the same files. It also gives the
 * folder an identity, and tells an instance that another one has taken over.
 *
 * <p>Immutable.
 */
final class OwnerMarker {

    static final String NAME = ".hub-owner";

    private static final String FORMAT = "monitoring-hub-folder 1";

    /** The folder is another backend's. */
    static final class OwnedByOtherException extends Exception {
        private static final long serialVersionUID = 1L;

        OwnedByOtherException(String message) {
            super(message);
        }
    }

    private final Path file;
    private final Disk disk;
    private final String folderId;
    private final byte[] content;

    private OwnerMarker(Path file, Disk disk, String owner, String folderId) {
        this.file = file;
        this.disk = disk;
        this.folderId = folderId;
        this.content = String.join("\n", FORMAT, owner, folderId, UUID.randomUUID().toString(), "").getBytes(StandardCharsets.UTF_8);
    }

    /** Takes the folder for this owner. */
    static OwnerMarker claim(Path folder, String owner, Disk disk) throws IOException, OwnedByOtherException {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            OwnerMarker marker = new OwnerMarker(file, disk, owner, UUID.randomUUID().toString());
            if (marker.create()) {
                return marker;
            }
        }
        List<String> lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
        if (lines.size() < 3 || !lines.get(0).equals(FORMAT)) {
            throw new OwnedByOtherException("cannot read who owns " + folder + ": " + file + " is not a marker of this hub; delete it if"
                    + " no backend writes there");
        }
        if (!lines.get(1).equals(owner)) {
            throw new OwnedByOtherException("cannot use folder " + folder + ": it belongs to " + lines.get(1) + "; give " + owner
                    + " a path of its own, or delete " + file + " if " + lines.get(1) + " is gone for good");
        }
        OwnerMarker marker = new OwnerMarker(file, disk, owner, lines.get(2));
        disk.replace(file, marker.content);
        return marker;
    }

    private boolean create() throws IOException {
        Path draft = file.resolveSibling(NAME + "-" + UUID.randomUUID() + ".tmp");
        disk.replace(draft, content);
        try {
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException | UnsupportedOperationException e) {
            if (Files.exists(file)) {
                return false;
            }
            disk.replace(file, content);
        } finally {
            Files.deleteIfExists(draft);
        }
        disk.forceFolder(file.getParent());
        return true;
    }

    /** An identity that the folder keeps. */
    String folderId() {
        return folderId;
    }

    /**
     * Makes sure that the folder is still this instance's.
     *
     * @return false when the marker was gone; it is there again
     */
    boolean confirm() throws IOException, OwnedByOtherException {
        try {
            byte[] found = Files.readAllBytes(file);
            if (Arrays.equals(found, content)) {
                return true;
            }
        } catch (NoSuchFileException e) {
            disk.createFolders(file.getParent());
            disk.replace(file, content);
            return false;
        }
        throw new OwnedByOtherException("another hub or another instance has taken over " + file.getParent() + " (" + file
                + " was rewritten): give each a path of its own");
    }
}
