package io.monitoringhub.delivery;

import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** In trouble as long as a test says so. */
final class UnsteadyBackend extends KeepingBackend {

    /** What is wrong with it. */
    enum Trouble { NONE, TRANSIENT, PERMANENT, HALF, HANGS }

    final AtomicLong failures = new AtomicLong();
    final CountDownLatch hanging = new CountDownLatch(1);
    volatile Trouble trouble = Trouble.NONE;
    volatile long ownPosition = -1;

    UnsteadyBackend(Destination destination) {
        super(destination);
    }

    @Override
    public long open(BackendContext context) throws DeliveryException, InterruptedException {
        if (trouble == Trouble.PERMANENT) {
            opened++;
            throw new PermanentDeliveryException("no such bucket");
        }
        if (trouble == Trouble.HANGS) {
            hanging.countDown();
            new CountDownLatch(1).await();
        }
        long committed = super.open(context);
        return ownPosition < 0 ? committed : ownPosition;
    }

    @Override
    WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
        Trouble now = trouble;
        if (now == Trouble.TRANSIENT) {
            failures.incrementAndGet();
            throw new TransientDeliveryException("the server is down", null);
        }
        super.take(batch);
        if (now == Trouble.HALF) {
            throw new PermanentDeliveryException("broke off within a batch");
        }
        return WriteResult.allWritten();
    }
}
