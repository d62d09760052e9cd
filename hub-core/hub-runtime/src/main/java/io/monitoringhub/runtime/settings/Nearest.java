package io.monitoringhub.runtime.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Suggests what somebody may have meant. */
public final class Nearest {

    private static final int FARTHEST = 3;

    private Nearest() {
    }

    /** Ends a sentence that says that a word is unknown. */
    public static String hint(String word, Collection<String> known) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        Optional<String> nearest = known.stream().min(Comparator.comparing((String other) -> distance.apply(word, other)));
        if (nearest.isPresent() && distance.apply(word, nearest.get()) <= FARTHEST) {
            return ". Did you mean '" + nearest.get() + "'?";
        }
        return known.isEmpty() ? "" : ". Expected one of: " + known.stream().sorted().collect(Collectors.joining(", "));
    }
}
