package io.monitoringhub.command;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses what somebody meant to type. Has no state. */
final class Similar {

    private static final int FARTHEST = 3;

    private Similar() {
    }

    /** The end of a sentence about a word that nobody knows; empty where nothing known is near. */
    static String to(String word, Collection<String> known) {
        Optional<String> nearest = known.stream().min(Comparator.comparingInt(other -> edits(word, other)));
        return nearest.filter(other -> edits(word, other) <= Math.min(FARTHEST, Math.max(1, other.length() / 2)))
                .map(other -> "; did you mean '" + other + "'?").orElse("");
    }

    /** How many letters to add, to leave out or to change. */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int i = 1; i <= to.length(); i++) {
            row[i] = i;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
