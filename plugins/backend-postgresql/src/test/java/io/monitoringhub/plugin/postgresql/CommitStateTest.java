package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommitStateTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({"a lane that never committed and a database that knows nothing, -1, 0, 0, 0",
        "the hub died before it stored the commit, 50, 50, 80, 80",
        "the cursor passed entries that the route leaves out, 50, 60, 50, 60",
        "a person set the cursor back, 80, 20, 80, 20",
        "the database was restored from a backup, 80, 80, 30, 30",
        "a new database for an old lane, -1, 40, 40, 40"})
    void where_to_begin(String when, long highest, long committed, long stored, long start) {
        CommitState state = highest < 0 ? CommitState.read(new byte[0]) : CommitState.read(new CommitState(highest).bytes());
        assertThat(state.start(committed, stored)).as(when).isEqualTo(start);
    }
}
