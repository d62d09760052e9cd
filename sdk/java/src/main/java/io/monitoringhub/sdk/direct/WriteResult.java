package io.monitoringhub.sdk.direct;

import java.util.List;

/**
 * What became of a batch: some of its messages will never be taken, some are to be sent again, all others are written. Immutable.
 *
 * @param rejected how many will never be taken
 * @param reason why the first of them was not
 * @param retry indexes of those to send again
 * @param why they were not taken yet
 */
public record WriteResult(int rejected, String reason, List<Integer> retry, String why) {

    /** All was taken. */
    public static final WriteResult ALL_WRITTEN = new WriteResult(0, "", List.of(), "");

    public WriteResult {
        retry = List.copyOf(retry);
    }

    /** So many were rejected, the others are written. */
    public static WriteResult rejected(int count, String reason) {
        return new WriteResult(count, reason, List.of(), "");
    }

    /** Whether it can be the answer to so many messages. */
    boolean fits(int size) {
        return rejected >= 0 && rejected + retry.size() <= size && retry.stream().allMatch(index -> index >= 0 && index < size)
                && retry.stream().distinct().count() == retry.size();
    }
}
