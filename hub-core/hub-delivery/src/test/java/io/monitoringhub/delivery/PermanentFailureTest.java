package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A permanent failure ends by a new instance, which a configuration change and a new bundle bring, by other settings, or by hand. */
class PermanentFailureTest {

    private final JumpingTime time = new JumpingTime();
    private final Bench bench = new Bench(Bench.settings("archive"), time);
    private final Refusing refusing = new Refusing(bench.destination);

    @BeforeEach
    void fail() {
        bench.attach(refusing);
        bench.awaitState(LaneState.FAILED);
        bench.messages.append("s", 10);
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(bench.log.openReaders).isZero();
    }

    @Test
    void lastsWhateverTimePasses() {
        for (int day = 0; day < 1000; day++) {
            time.jump(Duration.ofDays(1));
            bench.lane.supervise();
            bench.messages.append("s", 1);
        }
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.FAILED);
        assertThat(bench.lane.status().reason()).isEqualTo("no such bucket");
        assertThat(refusing.opened).isEqualTo(1);
        assertThat(bench.committed()).isZero();
    }

    @Test
    void anotherRouteIsNoReasonToTryAgain() {
        bench.lane.routes(RouteTable.everythingTo("archive"));
        bench.lane.supervise();
        assertThat(refusing.opened).isEqualTo(1);
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.FAILED);
    }

    @Test
    void endsWithANewInstance() {
        bench.lane.detach(refusing);
        bench.attach();
        bench.awaitCommitted(10);
    }

    @Test
    void endsWithRetryIfTheCauseIsGone() {
        refusing.isMended = true;
        assertThat(bench.lane.retry()).isTrue();
        bench.awaitCommitted(10);
    }

    @Test
    void isBackAtOnceIfTheCauseIsNotGone() {
        bench.lane.retry();
        Await.until(() -> refusing.opened == 2, bench::state);
        bench.awaitState(LaneState.FAILED);
    }

    @Test
    void endsWithOtherSettings() {
        refusing.isMended = true;
        bench.lane.reconfigure(Bench.settings("archive"));
        bench.awaitCommitted(10);
    }

    private static final class Refusing extends KeepingBackend {
        volatile boolean isMended;

        Refusing(Destination destination) {
            super(destination);
        }

        @Override
        public long open(BackendContext context) throws DeliveryException, InterruptedException {
            if (!isMended) {
                opened++;
                throw new PermanentDeliveryException("no such bucket");
            }
            return super.open(context);
        }
    }
}
