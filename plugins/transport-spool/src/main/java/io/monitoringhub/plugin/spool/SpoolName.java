package io.monitoringhub.plugin.spool;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of a spool file says, as protocol/SPOOL.md has it. Immutable.
 *
 * @param stem the name without its ending
 * @param client whose lines they are; empty for a plain file
 * @param first the number of the first line
 * @param hands in whose hands it is
 */
record SpoolName(String stem, Optional<UUID> client, long first, Hands hands) {

    /** Who has a file. */
    enum Hands {
        /** Nobody: whole, and whoever renames it first has it. */
        SEALED,
        /** An SDK is writing it. */
        WRITER,
        /** An SDK is sending it. */
        SENDER,
        /** The hub took it from an SDK. */
        HUB,
        /** The hub took it, and it was a plain file: its last line needs no newline. */
        HUB_PLAIN
    }

    static final String SEALED = ".ldjson";
    static final String HUB = ".claimed-hub";
    static final String HUB_PLAIN = ".dropped-hub";

    private static final Pattern NUMBERED = Pattern.compile("(.*-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([1-9][0-9]{0,17}))"
            + "\\.(ldjson|open(?:-[a-z0-9]+)?|claimed(?:-[a-z0-9]+)?|dropped-hub)");
    private static final int LONGEST_STEM = 150;
    private static final int VERSION = 8;

    /** What a file's name says; empty for a name that is nobody's, such as {@code x.ldjson.tmp} or one that begins with a dot. */
    static Optional<SpoolName> of(String name) {
        if (name.startsWith(".")) {
            return Optional.empty();
        }
        Matcher numbered = NUMBERED.matcher(name);
        if (numbered.matches()) {
            return Optional.of(new SpoolName(numbered.group(1), Optional.of(UUID.fromString(numbered.group(2))),
                    Long.parseLong(numbered.group(3)), hands("." + numbered.group(4))));
        }
        return name.endsWith(SEALED)
                ? Optional.of(new SpoolName(name.substring(0, name.length() - SEALED.length()), Optional.empty(), 1, Hands.SEALED))
                : Optional.empty();
    }

    private static Hands hands(String ending) {
        return switch (ending) {
            case SEALED -> Hands.SEALED;
            case HUB -> Hands.HUB;
            case HUB_PLAIN -> Hands.HUB_PLAIN;
            default -> ending.startsWith(".open") ? Hands.WRITER : Hands.SENDER;
        };
    }

    boolean isPlain() {
        return client.isEmpty();
    }

    boolean isOurs() {
        return hands == Hands.HUB || hands == Hands.HUB_PLAIN;
    }

    /** Its name once the hub has it. A plain file gets its identity here: a client id of its own, which the rename makes hold. */
    String claimed() {
        if (!isPlain()) {
            return stem + HUB;
        }
        String safe = stem.replaceAll("[^A-Za-z0-9._-]", "_");
        return safe.substring(0, Math.min(LONGEST_STEM, safe.length())) + "-" + freshId() + "-1" + HUB_PLAIN;
    }

    /** Version 8, which the hub remembers apart from the ids of SDKs. */
    private static UUID freshId() {
        UUID random = UUID.randomUUID();
        return new UUID(random.getMostSignificantBits() & ~0xF000L | VERSION << 12, random.getLeastSignificantBits());
    }

    /** Its name as a file of its client that anybody may take. */
    String sealed() {
        return stem + SEALED;
    }

    /** Its name as a plain file of which nothing has been taken: dropped again it is a new one. */
    String forgotten() {
        return hands == Hands.HUB_PLAIN ? stem.substring(0, stem.length() - "-1".length()) + SEALED : sealed();
    }
}
