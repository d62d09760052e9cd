package io.monitoringhub.distribution;

/**
 * A configured lane's line of {@code hub:lanes}.
 *
 * @param state {@code OK}, {@code WAITING}, …; empty when there is no such lane
 * @param committed its committed offset; -1 when there is no such lane
 * @param behind how many entries it has yet to pass
 */
public record LaneStatus(String state, long committed, long behind) {

    private static final LaneStatus NONE = new LaneStatus("", -1, 0);

    /** Finds a lane in what the command printed; a position that is kept without a lane is none. */
    static LaneStatus in(String lanes, String name) {
        return lanes.lines().filter(line -> line.startsWith(name + " ") && !line.contains(" ORPHANED ")).map(line -> line.split(" +"))
                .map(cells -> new LaneStatus(cells[1], Long.parseLong(cells[2]), Long.parseLong(cells[4]))).findFirst().orElse(NONE);
    }
}
