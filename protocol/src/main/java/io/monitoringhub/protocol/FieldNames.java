package io.monitoringhub.protocol;

import java.util.function.ToIntFunction;

/**
 * Guesses which field a name is from the name that stood in the same place last time. Parsers give the same string for the same name, and
 * clients write their fields in the same order, so mostly one comparison of references does instead of a hash and a comparison of text.
 * Used by one thread at a time.
 */
final class FieldNames {

    /** Longer names are none of ours, and would be kept alive here. */
    private static final int LONGEST = 16;

    private final ToIntFunction<String> lookup;
    private final String[] names;
    private final int[] fields;
    private final int mask;

    /** @param places how many to remember, a power of two */
    FieldNames(int places, ToIntFunction<String> lookup) {
        this.lookup = lookup;
        names = new String[places];
        fields = new int[places];
        mask = places - 1;
    }

    int fieldOf(String name, int place) {
        int slot = place & mask;
        return names[slot] == name ? fields[slot] : remember(name, slot);
    }

    private int remember(String name, int slot) {
        int field = lookup.applyAsInt(name);
        if (name.length() <= LONGEST) {
            names[slot] = name;
            fields[slot] = field;
        }
        return field;
    }
}
