package io.monitoringhub.distribution.faults;

import io.monitoringhub.benchmarks.load.ConnectionReport;
import io.monitoringhub.benchmarks.load.LoadReport;

/**
 * What became of a round. Immutable.
 *
 * @param number of the round, from 1
 * @param fault what was done
 * @param detail with which parameters
 * @param sent messages sent and acknowledged
 * @param resent messages that were sent more than once
 * @param reconnects how often connections broke
 * @param seconds how long it took, with the comparison
 */
record Round(int number, Fault fault, String detail, long sent, long resent, long reconnects, double seconds) {

    static Round of(int number, Fault fault, String detail, LoadReport load, double seconds) {
        long accepted = load.connections().stream().mapToLong(ConnectionReport::accepted).sum();
        return new Round(number, fault, detail, load.sent(), accepted - load.sent(), load.reconnects(), seconds);
    }
}
