package io.monitoringhub.correlation.merge;

/**
 * Figures of a merger at one moment; counters begin at zero when it is created.
 *
 * @param condition {@code "ok"}, or what is wrong, for a person
 * @param position everything before this offset was looked at, and what follows from it is stored
 * @param lagEntries how many durable entries it is not done with yet
 * @param merged spans that were stored as one message
 * @param refused those that would have been longer than a message may be
 * @param waiting halves that wait for the other one
 * @param givenUp halves that had to make room before the other one came
 * @param missingEntries entries that the log no longer had, or that could not be read, when their turn came
 */
public record MergerStatus(String condition, long position, long lagEntries, long merged, long refused, int waiting, long givenUp,
        long missingEntries) {

    /** Where nothing is merged. */
    public static final MergerStatus OFF = new MergerStatus("off", 0, 0, 0, 0, 0, 0, 0);
}
