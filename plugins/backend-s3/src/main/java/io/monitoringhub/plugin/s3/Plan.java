package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.Commit;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is stored before the first object of a stretch is put, as text: where it begins and ends, what its keys have in the place of the
 * offsets, and the stems of its keys.
 * <pre>
 * s3-1 FROM UNTIL OFFSETS
 * STEM                         one line each
 * </pre>
 *
 * <p>Immutable.
 *
 * @param from offset of the first entry
 * @param until offset after the last entry
 * @param offsets the name that all objects of the stretch share, with the extension
 * @param stems keys without it
 */
record Plan(long from, long until, String offsets, Set<String> stems) {

    /** Most bytes of all stems, a newline each: a stretch with more is cut. */
    static final int MAX_STEMS = 40_000;

    private static final String FORMAT = "s3-1";

    Plan {
        stems = Set.copyOf(stems);
    }

    /** The name of the objects of a stretch. @param prefix whose they are */
    static String offsets(String prefix, long from, long until, Compression compression) {
        return String.format(Locale.ROOT, "%s-%019d-%019d%s", prefix, from, until, compression.extension());
    }

    /** The key of an object of this stretch. */
    String key(String stem) {
        return stem.replace(KeyPattern.OFFSETS, offsets);
    }

    /** The same plan for these stems as well, unless the state can't hold them; empty also when there is nothing new. */
    Optional<Plan> with(Collection<String> further) {
        Set<String> all = new TreeSet<>(stems);
        if (!all.addAll(further)) {
            return Optional.empty();
        }
        Plan larger = new Plan(from, until, offsets, all);
        return larger.encoded().length <= Commit.MAX_STATE ? Optional.of(larger) : Optional.empty();
    }

    byte[] encoded() {
        StringBuilder text = new StringBuilder(FORMAT).append(' ').append(from).append(' ').append(until).append(' ').append(offsets);
        new TreeSet<>(stems).forEach(stem -> text.append('\n').append(stem));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The plan in these bytes, if the position is within it: one that it has passed is done, another one is from before a replay. */
    static Optional<Plan> parse(byte[] state, long committed) {
        List<String> lines = new String(state, StandardCharsets.UTF_8).lines().toList();
        String[] head = lines.isEmpty() ? new String[0] : lines.get(0).split(" ", 4);
        if (head.length != 4 || !head[0].equals(FORMAT)) {
            return Optional.empty();
        }
        try {
            Plan plan = new Plan(Long.parseLong(head[1]), Long.parseLong(head[2]), head[3], Set.copyOf(lines.subList(1, lines.size())));
            return plan.from <= committed && committed < plan.until ? Optional.of(plan) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
