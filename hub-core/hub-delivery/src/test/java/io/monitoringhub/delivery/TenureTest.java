package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TenureTest {

    private static final long ENOUGH = TimeUnit.SECONDS.toNanos(30);

    private final CountDownLatch inCall = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Tenure tenure = new Tenure(new ComponentId(Kind.BACKEND, "tally", "stuck"), null, System::nanoTime);

    /** As a file on a disk that does not answer: Java's interrupt closes the channel first, and that waits for the system. */
    private final class DeadChannel extends AbstractInterruptibleChannel {

        void use() throws InterruptedException {
            begin();
            try {
                inCall.countDown();
                released.await();
            } finally {
                try {
                    end(true);
                } catch (ClosedByInterruptException asked) {
                    throw new InterruptedException("closed");
                } catch (AsynchronousCloseException closed) {
                    throw new IllegalStateException(closed);
                }
            }
        }

        @Override
        protected void implCloseChannel() {
            boolean isOver = false;
            while (!isOver) {
                try {
                    released.await();
                    isOver = true;
                } catch (InterruptedException later) {
                    // A system call that can't be interrupted.
                }
            }
        }
    }

    @Test
    void nobodyWaitsForAnInterruptThatTheSystemHoldsUp() throws Exception {
        AtomicBoolean stillInterrupted = new AtomicBoolean();
        tenure.start(() -> {
            try {
                tenure.call(() -> {
                    new DeadChannel().use();
                    return null;
                });
            } catch (Exception expected) {
                stillInterrupted.set(Thread.currentThread().isInterrupted());
            }
        });
        inCall.await();
        tenure.interrupt();
        tenure.interrupt();
        assertThat(tenure.callNanos()).as("can still be asked").isPositive();
        assertThat(tenure.isDone()).isFalse();
        tenure.stop();
        released.countDown();
        assertThat(tenure.awaitDone(ENOUGH)).isTrue();
        assertThat(stillInterrupted).as("the interrupt reaches nothing but the plugin").isFalse();
    }
}
