package io.monitoringhub.spi.transport;

import java.util.List;

/**
 * What became of the messages of a {@link Submission}. Immutable.
 *
 * @param accepted how many are stored now and were not before
 * @param known how many had come before under the same key or number
 * @param refused how many were refused
 * @param refusals the first of them, at most {@value #MOST_REFUSALS}, or {@value #MOST_REFUSALS_OF_NUMBERED} of numbered lines
 */
public record Receipt(long accepted, long known, long refused, List<Refused> refusals) {

    /** How many refusals are told one by one. */
    public static final int MOST_REFUSALS = 100;

    /** The same for numbered lines: who sends those again is told nothing a second time. */
    public static final int MOST_REFUSALS_OF_NUMBERED = 10_000;

    public Receipt {
        refusals = List.copyOf(refusals);
    }

    /**
     * A message that was refused.
     *
     * @param number its place among the messages of the submission, from 1
     * @param code for programs, as in the protocol
     * @param reason for people
     */
    public record Refused(long number, String code, String reason) { }
}
