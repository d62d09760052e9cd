package io.monitoringhub.plugin.http;

import io.monitoringhub.spi.transport.SubmissionRequest.NumberedLines;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What a request's headers say of the sender's own log: its name, and the offsets of the messages there. A message whose offset is not above
 * all that came from this sender before is known. Immutable.
 */
final class Sender {

    static final String NAME = "Monitoring-Hub-Sender";
    static final String OFFSETS = "Monitoring-Hub-Offsets";

    private static final Pattern NAMES = Pattern.compile("[ -~]{1,255}");
    /** The first offset, then so many messages, so many offsets left out, so many messages, and so on. */
    private static final Pattern NUMBERS = Pattern.compile("\\d{1,18}( [1-9]\\d{0,17}){0,8191}");

    private Sender() {
    }

    /**
     * Reads the two headers.
     *
     * @return nothing if there are none
     * @throws IllegalArgumentException that says what is wrong
     */
    static Optional<NumberedLines> of(String name, String offsets) {
        if (name == null && offsets == null) {
            return Optional.empty();
        }
        if (name == null || offsets == null) {
            throw new IllegalArgumentException(NAME + " and " + OFFSETS + " come together");
        }
        if (!NAMES.matcher(name).matches()) {
            throw new IllegalArgumentException(NAME + " must have 1 to 255 printable characters");
        }
        if (!NUMBERS.matcher(offsets).matches()) {
            throw new IllegalArgumentException(OFFSETS + " must be the first offset, then by turns how many messages follow each other and how"
                    + " many offsets are left out: 100 50 3 1");
        }
        List<Long> numbers = new ArrayList<>();
        for (String number : offsets.split(" ")) {
            numbers.add(Long.parseLong(number));
        }
        // Among all clients, so that keys of single requests don't displace it. Lines are numbered from 1, offsets from 0.
        UUID client = UUID.nameUUIDFromBytes(("sender:" + name).getBytes(StandardCharsets.UTF_8));
        return Optional.of(new NumberedLines(client, numbers.get(0) + 1, numbers.subList(1, numbers.size())));
    }
}
