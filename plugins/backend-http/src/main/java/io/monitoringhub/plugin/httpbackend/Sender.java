package io.monitoringhub.plugin.httpbackend;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Under which name entries are sent. A receiver knows an entry by this name and its offset: what is not above all that came under the name
 * before is known there. So a stretch that is delivered once more on purpose, a replay, goes under a name of its own. All names are found
 * again after a crash: they follow from what was committed.
 *
 * <p>Immutable.
 *
 * @param start the position at which the lane began
 * @param last the committed position
 * @param high the highest position that ever was committed
 * @param replays how often the cursor was found behind the last commit
 * @param replayFrom where the last replay began
 * @param replayTo up to where its name holds
 */
record Sender(long start, long last, long high, long replays, long replayFrom, long replayTo) {

    private static final Pattern STATE = Pattern.compile("http1 (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+)");

    /** A lane that never committed. */
    static Sender beginning(long committed) {
        return new Sender(committed, committed, committed, 0, 0, 0);
    }

    /** @return nothing if it is no state of this backend */
    static Optional<Sender> of(byte[] state) {
        Matcher matcher = STATE.matcher(new String(state, StandardCharsets.US_ASCII));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long[] numbers = new long[6];
        try {
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = Long.parseLong(matcher.group(i + 1));
            }
        } catch (NumberFormatException tooLong) {
            return Optional.empty();
        }
        return Optional.of(new Sender(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]));
    }

    byte[] state() {
        return String.format(Locale.ROOT, "http1 %d %d %d %d %d %d", start, last, high, replays, replayFrom, replayTo).getBytes(StandardCharsets.US_ASCII);
    }

    /** The lane begins here. A cursor behind the last commit was moved there: a crash can't do that. */
    Sender at(long committed) {
        return committed >= last ? this : new Sender(start, last, high, replays + 1, committed, high);
    }

    Sender committed(long next) {
        return new Sender(start, next, Math.max(high, next), replays, replayFrom, replayTo);
    }

    boolean isReplay(long offset) {
        return offset < replayTo;
    }

    /** The name that an entry goes under. */
    String name(String logId, String lane, long offset) {
        String lanes = logId + "/" + lane + "@" + start;
        return isReplay(offset) ? lanes + "/replay-" + replays + "-" + replayFrom + "-" + replayTo : lanes;
    }
}
