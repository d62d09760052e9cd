package io.monitoringhub.log.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** All that the log asks of a file system, so that a test can let any step fail. Thread-safe. */
public interface FileSystemPort {

    /** A new empty file to write and read; one of the same name is emptied. */
    FilePort create(Path file) throws IOException;

    /** An existing file to append to and to read. */
    FilePort open(Path file) throws IOException;

    /** An existing file to read. */
    FilePort openToRead(Path file) throws IOException;

    /** Renames atomically; a file of the new name is replaced. */
    void move(Path from, Path to) throws IOException;

    /** Removes a file that exists. */
    void delete(Path file) throws IOException;

    /** Returns when the folder's list of names is on disk. */
    void forceFolder(Path folder) throws IOException;

    /** What is in a folder, sorted by name. */
    List<Path> list(Path folder) throws IOException;

    /** Creates a folder and its parents where they are missing. */
    void createFolder(Path folder) throws IOException;

    /** How many bytes can still be written to the disk that a folder is on; {@link Long#MAX_VALUE} where nobody can tell. */
    long usableBytes(Path folder);

    /** Names the time since the machine was started: while it stays the same, what was written without a force is still there. */
    String bootId();
}
