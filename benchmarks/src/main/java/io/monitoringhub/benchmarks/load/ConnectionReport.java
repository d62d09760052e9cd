package io.monitoringhub.benchmarks.load;

import java.util.List;
import java.util.UUID;

/**
 * What became of one connection. Immutable.
 *
 * @param id its number, as in its messages
 * @param client client id of its acknowledged session
 * @param sent highest message that the kernel took whole
 * @param accepted messages that the kernel took, repetitions counted again
 * @param acked highest message that the hub acknowledged; 0 for plain connections
 * @param refused messages that the hub refused with a reason
 * @param reconnects how often it broke and was tried again
 * @param regressions how often the hub welcomed it with less than it had acknowledged: acknowledged data lost
 * @param firstNanos when its first byte was sent, 0 if none was
 * @param lastNanos when its last byte was sent or acknowledged
 * @param failed whether it gave up
 * @param problems the first few in words
 */
public record ConnectionReport(int id, UUID client, long sent, long accepted, long acked, long refused, int reconnects,
        long regressions, long firstNanos, long lastNanos, boolean failed, List<String> problems) {
    public ConnectionReport {
        problems = List.copyOf(problems);
    }
}
