package io.monitoringhub.runtime.settings;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where each key was set, and what was written there if that is not what holds.
 *
 * <p>Used by one thread at a time.
 */
public final class Places {

    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, String> written = new HashMap<>();
    private final Set<String> emptyLists = new TreeSet<>();

    public void put(String key, Place place) {
        places.put(key, place);
    }

    /** Notes that a value was made by look-ups from this text. */
    public void written(String key, String text) {
        written.put(key, text);
    }

    /** Notes that the key has an empty list, which the reader of values leaves out. */
    void emptyList(String key) {
        emptyLists.add(key);
    }

    /** Keys that have an empty list. */
    public Set<String> emptyLists() {
        return Collections.unmodifiableSet(emptyLists);
    }

    /** The place of exactly this key. */
    public Optional<Place> of(String key) {
        return Optional.ofNullable(places.get(key));
    }

    /** The text that look-ups made a value of. */
    public Optional<String> written(String key) {
        return Optional.ofNullable(written.get(key));
    }

    /** The place of this key, or of what it belongs to: a key that is missing has none. */
    public Optional<Place> nearest(String key) {
        for (String each = key; !each.isEmpty(); each = parent(each)) {
            if (places.containsKey(each)) {
                return of(each);
            }
        }
        return Optional.empty();
    }

    private static String parent(String key) {
        return key.substring(0, Math.max(0, Math.max(key.lastIndexOf('.'), key.lastIndexOf('['))));
    }

    /** Takes over what another file said; its rows come behind those that are there. */
    public void add(Places other, String rows, int rowsBefore) {
        other.places.forEach((key, place) -> places.putIfAbsent(moved(key, rows, rowsBefore), place));
        other.emptyLists.forEach(key -> emptyLists.add(moved(key, rows, rowsBefore)));
        other.written.forEach((key, text) -> written.putIfAbsent(moved(key, rows, rowsBefore), text));
    }

    private static String moved(String key, String rows, int rowsBefore) {
        if (!key.startsWith(rows + "[")) {
            return key;
        }
        int end = key.indexOf(']');
        return rows + "[" + (Integer.parseInt(key.substring(rows.length() + 1, end)) + rowsBefore) + key.substring(end);
    }

    /** Lines that begin with keys, in the order in which these stand in each file; those without a place come first. */
    public List<String> sorted(List<String> problems) {
        Comparator<String> order = Comparator.comparing((String problem) -> placeOf(problem).map(Place::where).orElse(""));
        return problems.stream().sorted(order.thenComparing(problem -> placeOf(problem).map(Place::line).orElse(0))
                .thenComparing(problem -> placeOf(problem).map(Place::column).orElse(0))).toList();
    }

    private Optional<Place> placeOf(String problem) {
        int end = problem.indexOf(": ");
        return end < 0 ? Optional.empty() : nearest(problem.substring(0, end));
    }

    /** The line with its place in front, if its key has one; a line begins with a key. */
    public String locate(String problem) {
        return placeOf(problem).filter(place -> !place.equals(Place.DEFAULT)).map(place -> place + ": " + problem).orElse(problem);
    }
}
