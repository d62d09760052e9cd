package io.monitoringhub.sdk;

import java.util.Map;

/**
 * What an SDK instance has done so far: a snapshot whose numbers may lie moments apart. Immutable.
 *
 * @param state where messages go at present
 * @param protocol {@code acked}, {@code plain} or {@code undecided}
 * @param client the UUID under which the hub knows this instance
 * @param messages messages that calls have made
 * @param buffered of them in memory, unconfirmed
 * @param sent lines written for the first time, goodbye and those of old spool files included
 * @param resent lines written again after a lost connection
 * @param acked lines that the hub has on disk, or has refused
 * @param plain lines that the kernel took for a plain server
 * @param refused lines that the hub refused
 * @param shortened messages cut to fit a line
 * @param spooled messages that went through the spool because memory was full
 * @param leftInSpool messages that close left for the next process
 * @param spoolFilesSent files of earlier processes that were sent
 * @param connects connections that came about
 * @param lost messages that are gone, by reason: {@code closed}, {@code buffer_full}, {@code not_spooled}, {@code too_long}, {@code failed}
 * @param lastError what went wrong last, {@code ""} if nothing
 */
public record Stats(State state, String protocol, String client, long messages, long buffered, long sent, long resent, long acked,
        long plain, long refused, long shortened, long spooled, long leftInSpool, long spoolFilesSent, long connects,
        Map<String, Long> lost, String lastError) {

    public Stats {
        lost = Map.copyOf(lost);
    }

    /** How many messages are gone, for whatever reason. */
    public long dropped() {
        return lost.values().stream().mapToLong(Long::longValue).sum();
    }
}
