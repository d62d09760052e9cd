package io.monitoringhub.delivery;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import io.monitoringhub.spi.backend.BackendContext;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.UnaryOperator;

/** What the hub tells one backend instance. Immutable. */
record InstanceContext(ComponentId id, String logId, long committed, byte[] state, HealthReporter health, Clock clock,
        UnaryOperator<Path> paths)
        implements BackendContext {

    @Override
    public byte[] state() {
        return state.clone();
    }

    @Override
    public Path resolve(String path) {
        return paths.apply(Path.of(path));
    }

    /** Health from the backend's own mouth, as long as its tenure counts. */
    record Reporter(Tenure tenure, Ledger ledger) implements HealthReporter {

        @Override
        public void ok() {
            report(LaneState.OK, "");
        }

        @Override
        public void degraded(String reason) {
            report(LaneState.DEGRADED, reason);
        }

        @Override
        public void failed(String reason) {
            report(LaneState.FAILED, reason);
        }

        private void report(LaneState state, String reason) {
            try {
                ledger.report(tenure, state, reason);
            } catch (TenureOver abandoned) {
                // nobody listens to it any more
            }
        }
    }
}
