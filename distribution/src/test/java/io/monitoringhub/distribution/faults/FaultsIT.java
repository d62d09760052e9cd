package io.monitoringhub.distribution.faults;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The short version of {@code benchmarks/faults}: every kind of fault once. */
class FaultsIT {

    /** With few restarts of the hub, so that two minutes are enough on a busy machine: what hangs is replaced, what is full is not killed. */
    private static final long SEED = 20261207;
    private static final int ROUNDS = Fault.values().length;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    @Test
    void whatWasAcknowledgedIsInTheFilesOnceAndInOrderWhateverFaultComes() throws Exception {
        FaultRun.run(FaultSettings.of(folder, SEED, ROUNDS), System.out);
    }
}
