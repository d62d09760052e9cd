package io.monitoringhub.plugin.jobevent;

import io.monitoringhub.plugin.jobevent.JsonTree.Literal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One event, of which fields are taken one by one: what nobody takes is left, and goes along as it is. Used by one thread at a time.
 */
final class JobEvent {

    private final Map<String, Object> left;
    private final Optional<String> key;
    private final Kind kind;
    private final long at;

    /** What happened to the job. */
    enum Kind {
        STARTED, PROGRESS, METRIC, FINISHED, ERROR, CANCELED;

        static Kind of(Object word) throws BadEventException {
            for (Kind kind : values()) {
                if (kind.word().equals(word)) {
                    return kind;
                }
            }
            throw word == null ? BadEventException.missing("event.kind", "started, progress, metric, finished, error or canceled")
                    : BadEventException.invalid("event.kind", "started, progress, metric, finished, error or canceled");
        }

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    JobEvent(Map<?, ?> document) throws BadEventException {
        left = copy(document);
        key = text(left.get("idempotency_key"));
        if (!(left.get("entity") instanceof Map<?, ?>)) {
            throw BadEventException.missing("entity", "an object with the job's 'id'");
        }
        if (!(left.get("event") instanceof Map<?, ?> event)) {
            throw BadEventException.missing("event", "an object with 'kind' and 'at'");
        }
        kind = Kind.of(event.get("kind"));
        at = Moment.millis(event.get("at"));
        if (Moment.isExact(event.get("at"), at)) {
            take("event", "at");
        }
    }

    /** Maps are copied, so that fields can be taken out of them. */
    private static Map<String, Object> copy(Map<?, ?> members) {
        Map<String, Object> copy = new LinkedHashMap<>();
        members.forEach((name, value) -> copy.put((String) name, value instanceof Map<?, ?> inner ? copy(inner) : value));
        return copy;
    }

    Optional<String> key() {
        return key;
    }

    Kind kind() {
        return kind;
    }

    long at() {
        return at;
    }

    /** The text of a string that is not empty, or of a number. */
    static Optional<String> text(Object value) {
        if (value instanceof Literal literal && literal.isNumber()) {
            return Optional.of(literal.text());
        }
        return value instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }

    Object see(String... path) {
        Object at = left;
        for (String name : path) {
            at = at instanceof Map<?, ?> members ? members.get(name) : null;
        }
        return at;
    }

    /** The value, which is then no longer left. */
    Object take(String... path) {
        Map<String, Object> members = left;
        for (int i = 0; i < path.length - 1; i++) {
            if (!(members.get(path[i]) instanceof Map<?, ?>)) {
                return null;
            }
            members = inner(members, path[i]);
        }
        return members.remove(path[path.length - 1]);
    }

    /** The text of a string that is not empty; taken. Anything else is left. */
    Optional<String> takeString(String... path) {
        return see(path) instanceof String text && !text.isEmpty() ? Optional.of((String) take(path)) : Optional.empty();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> inner(Map<String, Object> members, String name) {
        return (Map<String, Object>) members.get(name);
    }

    /** What nobody took. */
    Map<String, Object> left() {
        return left;
    }
}
