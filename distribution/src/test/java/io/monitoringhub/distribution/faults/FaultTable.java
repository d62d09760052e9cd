package io.monitoringhub.distribution.faults;

import java.io.PrintStream;
import java.util.List;

/** Prints what a run of faults came to. Immutable. */
final class FaultTable {

    private FaultTable() {
    }

    /** A row per fault that occurred. The last three columns are zero: a run ends with the first round in which they are not. */
    static void print(PrintStream out, List<Round> rounds, long comparedLines, double seconds) {
        out.println();
        out.println("| fault | rounds | acknowledged | sent again | reconnects | missing | doubled | out of order |");
        out.println("|---|---|---|---|---|---|---|---|");
        for (Fault fault : Fault.values()) {
            List<Round> of = rounds.stream().filter(round -> round.fault() == fault).toList();
            if (!of.isEmpty()) {
                row(out, fault.words(), of);
            }
        }
        row(out, "**all**", rounds);
        out.printf("%n%d rounds in %.0f s; %,d lines compared, those of earlier rounds again%n", rounds.size(), seconds, comparedLines);
    }

    private static void row(PrintStream out, String name, List<Round> rounds) {
        out.printf("| %s | %d | %,d | %,d | %,d | 0 | 0 | 0 |%n", name, rounds.size(), rounds.stream().mapToLong(Round::sent).sum(),
                rounds.stream().mapToLong(Round::resent).sum(), rounds.stream().mapToLong(Round::reconnects).sum());
    }
}
