package io.monitoringhub.sdk.direct;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One backend and its counters. Written to by one thread at a time, read by all. */
final class Destination implements Target {

    private static final int MOST_REFUSED_ALONE = 5;

    private final Backend backend;
    private final BackendOptions options;
    private final Clock clock;
    // The writing thread's own.
    private int refusedAlone;
    // Under this object's lock.
    private BackendResult.State state = BackendResult.State.WAITING;
    private long delivered;
    private long rejected;
    private long batches;
    private long failures;
    private String lastError = "";
    private Optional<Instant> lastSuccess = Optional.empty();

    Destination(Backend backend, BackendOptions options, Clock clock) {
        this.backend = backend;
        this.options = options;
        this.clock = clock;
    }

    String name() {
        return backend.name();
    }

    BackendOptions options() {
        return options;
    }

    @Override
    public List<Destination> destinations() {
        return List.of(this);
    }

    @Override
    public WriteResult write(Batch batch, boolean isUrgent) throws DeliveryException {
        WriteResult result;
        try {
            result = written(batch);
        } catch (DeliveryException e) {
            failed(e);
            throw e;
        } catch (RuntimeException | LinkageError bug) {
            // The boundary to a backend's code, which may be anybody's.
            DeliveryException failure = DeliveryException.of(DeliveryException.Kind.TRANSIENT, "unexpected: " + bug, bug);
            failed(failure);
            throw failure;
        }
        succeeded(batch.size(), result);
        return result;
    }

    private WriteResult written(Batch batch) throws DeliveryException {
        try {
            WriteResult result = backend.write(batch);
            if (!result.fits(batch.size())) {
                throw new IllegalStateException("it answers for messages that it was not sent: " + result);
            }
            return result;
        } catch (DeliveryException e) {
            if (e.kind() != DeliveryException.Kind.REFUSED || batch.size() > 1) {
                throw e;
            }
            if (++refusedAlone > MOST_REFUSED_ALONE) {
                throw DeliveryException.of(DeliveryException.Kind.PERMANENT, e.getMessage() + "; after " + MOST_REFUSED_ALONE
                        + " messages in a row it is the address or the backend that is wrong", e);
            }
            return WriteResult.rejected(1, e.getMessage());
        }
    }

    private synchronized void failed(DeliveryException e) {
        lastError = String.valueOf(e.getMessage());
        if (e.kind() != DeliveryException.Kind.REFUSED) {
            failures++;
            state = e.kind() == DeliveryException.Kind.PERMANENT ? BackendResult.State.FAILED : BackendResult.State.RETRYING;
        }
    }

    private synchronized void succeeded(int size, WriteResult result) {
        int taken = size - result.rejected() - result.retry().size();
        delivered += taken;
        rejected += result.rejected();
        batches++;
        if (taken > 0) {
            lastSuccess = Optional.of(clock.instant());
            refusedAlone = 0;
        }
        if (result.rejected() > 0) {
            lastError = "rejected: " + result.reason();
        }
        if (!result.retry().isEmpty()) {
            lastError = result.why();
        }
        state = result.retry().isEmpty() ? BackendResult.State.OK : BackendResult.State.RETRYING;
    }

    synchronized long delivered() {
        return delivered;
    }

    synchronized String lastError() {
        return lastError;
    }

    synchronized BackendResult.State state() {
        return state;
    }

    /** With what its lane knows. */
    synchronized BackendResult result(int waiting, long spooled, long dropped, String laneError) {
        return new BackendResult(state, delivered, rejected, waiting, spooled, dropped, batches, failures, laneError.isEmpty() ? lastError : laneError,
                lastSuccess);
    }

    /** In any thread. */
    BackendHealth check() {
        try {
            return new BackendHealth(true, String.valueOf(backend.check()));
        } catch (DeliveryException e) {
            return new BackendHealth(false, String.valueOf(e.getMessage()));
        } catch (RuntimeException | LinkageError bug) {
            return new BackendHealth(false, "unexpected: " + bug);
        }
    }

    @Override
    public void close() {
        try {
            backend.close();
        } catch (RuntimeException | LinkageError bug) {
            failed(DeliveryException.of(DeliveryException.Kind.TRANSIENT, "cannot be closed: " + bug, bug));
        }
    }
}
