package io.monitoringhub.delivery.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a message holds under one path: nothing, a value, or the values of an array. Several, too, where a name with a dot and a nested name
 * read alike. Reused from message to message.
 *
 * <p>Used by one thread at a time.
 */
final class FieldValues {

    private final List<Value> values = new ArrayList<>();
    private boolean isThere;

    /** A string, a number or a truth value as the message spells it. */
    record Value(String text, boolean isNumber) {
    }

    void clear() {
        values.clear();
        isThere = false;
    }

    /** Notes that the field is there, whatever its value. */
    void seen() {
        isThere = true;
    }

    void add(String text, boolean isNumber) {
        isThere = true;
        values.add(new Value(text, isNumber));
    }

    boolean isThere() {
        return isThere;
    }

    boolean any(Predicate<Value> test) {
        return values.stream().anyMatch(test);
    }
}
