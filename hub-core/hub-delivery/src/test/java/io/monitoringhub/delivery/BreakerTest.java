package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BreakerTest {

    private final Breaker breaker = new Breaker(3);

    @Test
    void opensAfterSoManyFailuresInARow() {
        breaker.failed();
        breaker.failed();
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
        breaker.failed();
        assertThat(breaker.state()).isEqualTo(Breaker.State.OPEN);
    }

    @Test
    void aSuccessInBetweenBeginsTheCountAnew() {
        breaker.failed();
        breaker.failed();
        breaker.succeeded();
        breaker.failed();
        breaker.failed();
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
        assertThat(breaker.failures()).isEqualTo(2);
    }

    @Test
    void probesAfterThePauseAndClosesWhenThatPasses() {
        open();
        breaker.pauseOver();
        assertThat(breaker.state()).isEqualTo(Breaker.State.HALF_OPEN);
        breaker.succeeded();
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
        assertThat(breaker.failures()).isZero();
    }

    @Test
    void aFailedProbeOpensItAgain() {
        open();
        breaker.pauseOver();
        breaker.failed();
        assertThat(breaker.state()).isEqualTo(Breaker.State.OPEN);
    }

    @Test
    void aPauseMeansNothingWhileClosed() {
        breaker.failed();
        breaker.pauseOver();
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
    }

    private void open() {
        breaker.failed();
        breaker.failed();
        breaker.failed();
    }
}
