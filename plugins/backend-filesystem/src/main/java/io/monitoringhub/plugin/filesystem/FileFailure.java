package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Something could not be done to a file; the message says what, to which, and why. */
final class FileFailure extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean isPermanent;

    private FileFailure(String message, IOException cause, boolean isPermanent) {
        super(message, cause);
        this.isPermanent = isPermanent;
    }

    /** The failure as this one, unless it is an interrupt or says all already. */
    static IOException of(String action, Path file, IOException cause) {
        if (cause instanceof ClosedByInterruptException || cause instanceof FileFailure) {
            return cause;
        }
        boolean needsPerson = cause instanceof AccessDeniedException || cause instanceof NotDirectoryException
                || cause instanceof FileAlreadyExistsException;
        return new FileFailure("cannot " + action + " " + file + ": " + reason(cause), cause, needsPerson);
    }

    /** As {@link #of}, for what can't be mended by another attempt. */
    static IOException permanent(String action, Path file, String advice, IOException cause) {
        return cause instanceof ClosedByInterruptException ? cause
                : new FileFailure("cannot " + action + " " + file + ": " + reason(cause) + "; " + advice, cause, true);
    }

    /** Whether a person must act. */
    boolean isPermanent() {
        return isPermanent;
    }

    private static String reason(IOException cause) {
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof NotDirectoryException) {
            return "a part of the path is a file";
        }
        if (cause instanceof FileSystemException e && e.getReason() != null) {
            return e.getReason();
        }
        String kind = cause.getClass().getSimpleName();
        return cause.getMessage() == null || cause instanceof FileSystemException ? kind : cause.getMessage();
    }
}
