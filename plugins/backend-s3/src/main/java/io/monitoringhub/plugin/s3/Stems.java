package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The stems of entries' keys, made once for each source, type and time.
 *
 * <p>Used by one thread at a time.
 */
final class Stems {

    /** All time zones change their offset at multiples of this, so date and hour are the same within one slot. */
    private static final long SLOT_MS = 15 * 60_000;
    private static final int MOST_KEPT = 4_096;
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("HH", Locale.ROOT);

    private record Group(String source, MessageType type, long slot) {
    }

    private final KeyPattern pattern;
    private final ZoneId zone;
    private final Map<Group, String> stems = new HashMap<>();

    Stems(KeyPattern pattern, ZoneId zone) {
        this.pattern = pattern;
        this.zone = zone;
    }

    /** The key of this entry, but for the offsets. */
    String of(Batch batch, int index) {
        Group group = new Group(pattern.hasSource() ? batch.source(index) : "", pattern.hasType() ? batch.type(index) : MessageType.EVENT,
                pattern.hasTime() ? Math.floorDiv(batch.receivedAt(index), SLOT_MS) : 0);
        String stem = stems.get(group);
        if (stem == null) {
            if (stems.size() == MOST_KEPT) {
                stems.clear();
            }
            LocalDateTime time = LocalDateTime.ofInstant(Instant.ofEpochMilli(group.slot * SLOT_MS), zone);
            stem = pattern.stem(group.source, group.type.word(), time.toLocalDate().toString(), HOUR.format(time));
            stems.put(group, stem);
        }
        return stem;
    }
}
