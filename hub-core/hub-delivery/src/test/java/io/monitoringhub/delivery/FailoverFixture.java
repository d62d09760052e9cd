package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Batching;
import io.monitoringhub.delivery.LaneSettings.Grace;
import io.monitoringhub.delivery.LaneSettings.Group;
import io.monitoringhub.delivery.LaneSettings.Member;
import io.monitoringhub.delivery.UnsteadyBackend.Trouble;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;

/** A lane with a failover group of two, and time that jumps. */
abstract class FailoverFixture {

    static final ComponentId FIRST = id("first");
    static final ComponentId SECOND = id("second");
    static final Duration MISSING_AFTER = Duration.ofHours(1);
    static final Duration HOLD_DOWN = Duration.ofHours(2);
    /** No jump in time makes a call last too long. */
    static final Grace PATIENT = new Grace(Duration.ofDays(1000), Bench.PATIENT.stop(), Bench.PATIENT.interrupt());

    final JumpingTime time = new JumpingTime();
    final Bench bench = new Bench(settings("first", "second"), time);
    final KeepingBackend.Destination one = new KeepingBackend.Destination();
    final KeepingBackend.Destination two = new KeepingBackend.Destination();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(bench.log.openReaders).isZero();
    }

    /** The first is down from now on; so many entries go to the second. */
    final void failFirst(UnsteadyBackend first, int entries) {
        first.trouble = Trouble.TRANSIENT;
        bench.messages.append("s", entries);
        bench.awaitCommitted(bench.log.endOffset());
        assertThat(bench.lane.status().backend()).contains(SECOND);
    }

    static LaneSettings settings(String... members) {
        List<Member> all = Stream.of(members).map(name -> new Member(name, "filesystem", Bench.QUICK, Batching.DEFAULT)).toList();
        return Bench.settings("archive").with(PATIENT).with(new Group(all, MISSING_AFTER, HOLD_DOWN));
    }

    static ComponentId id(String name) {
        return new ComponentId(Kind.BACKEND, "filesystem", name);
    }
}
