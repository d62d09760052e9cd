package io.monitoringhub.log.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Runs file work to its end although the thread is interrupted. A {@code FileChannel} closes itself under an interrupted thread; a lane
 * that is asked to give its thread back would lose a commit that way. The interrupt is kept and visible afterwards. Immutable.
 */
public final class Uninterrupted {

    /** Work that opens what it uses, so that it can be run again. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws IOException;
    }

    private Uninterrupted() {
    }

    /** The work's result; the work is run again when an interrupt closed its file. */
    public static <T> T run(Work<T> work) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return work.run();
                } catch (ClosedByInterruptException e) {
                    Thread.interrupted();
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
