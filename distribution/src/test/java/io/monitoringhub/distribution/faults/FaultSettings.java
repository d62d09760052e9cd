package io.monitoringhub.distribution.faults;

import java.nio.file.Path;
import java.util.List;

/**
 * What a run of faults does. Immutable.
 *
 * @param folder where to work; what is in it when a round fails is kept
 * @param seed decides which fault a round has, and its parameters
 * @param first number of the first round, from 1: with the seed it repeats one round of a longer run
 * @param rounds how many
 * @param rate messages per second over all connections
 * @param connections acknowledging clients per round
 * @param faults which may occur
 * @param roundsPerData after how many rounds a hub with an empty data folder takes over, so that files stay small
 */
public record FaultSettings(Path folder, long seed, int first, int rounds, int rate, int connections, List<Fault> faults,
        int roundsPerData) {

    public FaultSettings {
        faults = List.copyOf(faults);
        if (first < 1 || rounds < 1 || rate < 100 || connections < 1 || faults.isEmpty() || roundsPerData < 1) {
            throw new IllegalArgumentException("rounds, connections and faults must be at least 1, the rate at least 100");
        }
    }

    /** All faults at 50,000 messages a second from eight clients, a new data folder every twenty rounds. */
    public static FaultSettings of(Path folder, long seed, int rounds) {
        return new FaultSettings(folder, seed, 1, rounds, 50_000, 8, List.of(Fault.values()), 20);
    }
}
