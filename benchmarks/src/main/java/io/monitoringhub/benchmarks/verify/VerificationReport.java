package io.monitoringhub.benchmarks.verify;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a scan of the backend's files found. Immutable.
 *
 * @param files how many
 * @param bytes in them, uncompressed
 * @param lines in them
 * @param messages different benchmark messages
 * @param missing numbers that were sent and are not there; where it is not known what was sent, gaps below the highest
 * @param missingAcknowledged of these: acknowledged by the hub
 * @param doubled further copies of a message
 * @param outOfOrder messages behind a higher number of their connection in the same series of files
 * @param torn lines that are not one whole message: cut, glued together, without an end
 * @param altered whole lines whose bytes are not the ones that were sent
 * @param foreign whole JSON lines that are no benchmark messages
 * @param unsent numbers above what was sent
 * @param examples the first few of every kind
 * @param highest the highest number found, by connection
 * @param seconds that the scan took
 */
public record VerificationReport(int files, long bytes, long lines, long messages, long missing, long missingAcknowledged, long doubled,
        long outOfOrder, long torn, long altered, long foreign, long unsent, List<String> examples, Map<Integer, Long> highest,
        double seconds) {
    public VerificationReport {
        examples = List.copyOf(examples);
        highest = Map.copyOf(new TreeMap<>(highest));
    }

    /** Whether everything is there once, in order and unchanged, and nothing else is. */
    public boolean isClean() {
        return missing == 0 && isSound();
    }

    /** Whether what is there is right and holds all that was acknowledged; unacknowledged messages may be missing. */
    public boolean isSound() {
        return missingAcknowledged + doubled + outOfOrder + torn + altered + foreign + unsent == 0;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT,
                "%,d messages in %,d lines of %d files: missing %,d (acknowledged %,d), doubled %,d, out of order %,d, torn %,d, altered %,d,"
                        + " foreign %,d, unsent %,d; read %.2f GB/s",
                messages, lines, files, missing, missingAcknowledged, doubled, outOfOrder, torn, altered, foreign, unsent,
                bytes / 1e9 / Math.max(1e-9, seconds)));
        examples.forEach(example -> text.append(System.lineSeparator()).append("  ").append(example));
        return text.toString();
    }
}
