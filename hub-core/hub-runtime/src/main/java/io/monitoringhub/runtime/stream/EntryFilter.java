package io.monitoringhub.runtime.stream;

import io.monitoringhub.delivery.routing.FieldPattern;
import io.monitoringhub.entries.Glob;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What somebody wants to see of the log. All that is asked must hold; who asks nothing sees everything. Immutable.
 *
 * @param sources globs, of which one must match; none for all
 * @param types none for all
 * @param level events of this level or graver only
 * @param pattern what is to be found in the message as it was sent
 */
public record EntryFilter(List<String> sources, Set<MessageType> types, Optional<Level> level, Optional<FieldPattern> pattern) {

    /** Everything. */
    public static final EntryFilter ALL = new EntryFilter(List.of(), Set.of(), Optional.empty(), Optional.empty());

    private static final int MOST_SOURCES = 20;
    private static final int MOST_CHARACTERS = 255;

    public EntryFilter {
        sources = List.copyOf(sources);
        types = Set.copyOf(types);
    }

    /**
     * Understands what a person or a program asks for.
     *
     * @param sources globs; one can be several with commas between them
     * @param types words; the same
     * @param level a word, if any
     * @param pattern a regular expression, if any; a plain word is one
     * @throws IllegalArgumentException that says what was expected
     */
    public static EntryFilter of(Collection<String> sources, Collection<String> types, Optional<String> level, Optional<String> pattern) {
        Set<MessageType> wanted = EnumSet.noneOf(MessageType.class);
        for (String word : split(types)) {
            wanted.add(MessageType.of(word).orElseThrow(() -> new IllegalArgumentException("type: expected some of event, metric, progress,"
                    + " resource, span, heartbeat, goodbye, not '" + word + "'")));
        }
        List<String> globs = split(sources);
        if (globs.size() > MOST_SOURCES || globs.stream().anyMatch(glob -> glob.length() > MOST_CHARACTERS)) {
            throw new IllegalArgumentException("source: expected at most " + MOST_SOURCES + " globs of at most " + MOST_CHARACTERS + " characters");
        }
        Optional<Level> least = level.map(word -> Level.of(word).orElseThrow(() -> new IllegalArgumentException(
                "level: expected the least level: debug, info, warn, error or fatal, not '" + word + "'")));
        return new EntryFilter(globs, wanted, least, pattern.map(EntryFilter::pattern));
    }

    private static FieldPattern pattern(String text) {
        try {
            return FieldPattern.of(text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("grep: " + wrong.getMessage(), wrong);
        }
    }

    private static List<String> split(Collection<String> words) {
        return words.stream().flatMap(word -> List.of(word.split(",")).stream()).map(String::strip).filter(word -> !word.isEmpty()).toList();
    }

    /** What the log's index says of the entry. */
    boolean mayHold(String source, MessageType type, Optional<Level> itsLevel) {
        return (types.isEmpty() || types.contains(type))
                && (level.isEmpty() || itsLevel.isPresent() && itsLevel.get().compareTo(level.get()) >= 0)
                && (sources.isEmpty() || sources.stream().anyMatch(glob -> Glob.matches(glob, source)));
    }

    /** What only the message itself says. */
    boolean holds(String message) {
        return pattern.isEmpty() || pattern.get().isFoundIn(message);
    }
}
