package io.monitoringhub.correlation;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A span while its messages come in.
 *
 * <p>Every field is the smallest or largest of what the messages said, by an order that has no ties that matter. So the result is the
 * same whatever the order of arrival, and a message that comes again changes nothing. Opening messages stand before closing ones, then
 * the sender's time counts: name, parent and source are the first that was said, status and tags the last.
 *
 * <p>Guarded by the table that holds it.
 */
final class SpanState {

    /** Most tags kept: those with the smallest keys. */
    static final int MAX_TAGS = 32;

    private static final int BYTES = 300;
    private static final int BYTES_PER_TAG = 190;
    private static final long CLOSING = 1L << 60;
    private static final Said NOTHING = new Said("", 0);

    /** A word and when it was said. */
    private record Said(String value, long rank) {

        Said orEarlier(Said other) {
            if (value.isEmpty() || other.value.isEmpty()) {
                return value.isEmpty() ? other : this;
            }
            return rank < other.rank || rank == other.rank && value.compareTo(other.value) <= 0 ? this : other;
        }

        Said orLater(Said other) {
            if (value.isEmpty() || other.value.isEmpty()) {
                return value.isEmpty() ? other : this;
            }
            return rank > other.rank || rank == other.rank && value.compareTo(other.value) <= 0 ? this : other;
        }
    }

    private final String id;
    private Said name = NOTHING;
    private Said parent = NOTHING;
    private Said source = NOTHING;
    private Said status = NOTHING;
    private TreeMap<String, Said> tags;
    private long start;
    private long openedAt;
    private long end;

    SpanState(String id) {
        this.id = id;
    }

    void add(MessageFields fields, String source, long time) {
        boolean closing = fields.end() != 0;
        long rank = time + (closing ? CLOSING : 0);
        name = name.orEarlier(new Said(fields.name(), rank));
        parent = parent.orEarlier(new Said(fields.parentId(), rank));
        this.source = this.source.orEarlier(new Said(source, rank));
        status = status.orLater(new Said(fields.status(), rank));
        start = earlier(start, fields.start());
        end = Math.max(end, fields.end());
        if (!closing) {
            openedAt = earlier(openedAt, time);
        }
        fields.tags().forEach((key, value) -> tag(key, new Said(value, rank)));
    }

    private void tag(String key, Said value) {
        if (tags == null) {
            tags = new TreeMap<>();
        }
        tags.merge(key, value, Said::orLater);
        if (tags.size() > MAX_TAGS) {
            tags.pollLastEntry();
        }
    }

    private static long earlier(long one, long other) {
        return one == 0 || other == 0 ? one + other : Math.min(one, other);
    }

    boolean isOpen() {
        return end == 0;
    }

    boolean isFailed() {
        return Span.isFailure(status.value);
    }

    /** In Unix milliseconds; 0 when unknown. An opening message that says no start was sent when the span began. */
    long start() {
        return start != 0 ? start : openedAt;
    }

    /** 0 while open. */
    long end() {
        return end;
    }

    String id() {
        return id;
    }

    long bytes() {
        long bytes = BYTES + id.length() + name.value.length() + parent.value.length() + status.value.length();
        if (tags != null) {
            for (Map.Entry<String, Said> tag : tags.entrySet()) {
                bytes += BYTES_PER_TAG + tag.getKey().length() + tag.getValue().value.length();
            }
        }
        return bytes;
    }

    Span snapshot(String trace, Map<String, SpanState> siblings) {
        Map<String, String> plainTags = new TreeMap<>();
        if (tags != null) {
            tags.forEach((key, said) -> plainTags.put(key, said.value));
        }
        Optional<String> parentId = parent.value.isEmpty() ? Optional.empty() : Optional.of(parent.value);
        boolean orphan = parentId.isPresent() && !siblings.containsKey(parent.value);
        return new Span(id, parentId, trace, source.value, name.value, time(start()), time(end), status.value, plainTags, orphan);
    }

    private static OptionalLong time(long millis) {
        return millis == 0 ? OptionalLong.empty() : OptionalLong.of(millis);
    }
}
