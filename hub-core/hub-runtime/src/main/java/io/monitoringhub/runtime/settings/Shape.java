package io.monitoringhub.runtime.settings;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What may stand at one place of the configuration. Immutable. */
public sealed interface Shape {

    /** What kind of value. */
    enum Kind {
        TEXT("text"), INTEGER("a number"), NUMBER("a number"), FLAG("true or false"), SIZE("a size such as 512MB or 10GB"),
        DURATION("a duration such as 500ms, 10s, 5m, 24h or 7d"), PERCENT("0% to 100%");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /**
     * A value, or several of the same kind.
     *
     * @param options the only values allowed; none: any
     * @param least the least value, as it is written
     * @param most the largest value, as it is written
     * @param many whether a list is allowed
     */
    record Leaf(Kind kind, List<String> options, Optional<String> least, Optional<String> most, boolean many) implements Shape {

        public Leaf {
            Objects.requireNonNull(kind, "kind");
            options = List.copyOf(options);
        }

        /** Any value of this kind. */
        public static Leaf of(Kind kind) {
            return new Leaf(kind, List.of(), Optional.empty(), Optional.empty(), false);
        }

        /** What to write. */
        public String expected() {
            if (!options.isEmpty()) {
                return (many ? "some of " : "one of ") + String.join(", ", options);
            }
            String range = least.map(from -> most.map(to -> " from " + from + " to " + to).orElse(" of at least " + from))
                    .orElseGet(() -> most.map(to -> " of at most " + to).orElse(""));
            return kind.words + range;
        }
    }

    /**
     * Named settings.
     *
     * @param fields by key
     * @param isOpen whether further keys are allowed, of which nothing is known
     */
    record Group(Map<String, Field> fields, boolean isOpen) implements Shape {

        public Group {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        }

        /** This and further fields. */
        public Group with(Map<String, Field> further) {
            Map<String, Field> all = new LinkedHashMap<>(fields);
            all.putAll(further);
            return new Group(all, isOpen);
        }
    }

    /** One shape for each name that a person chooses. */
    record Named(Shape each) implements Shape {
    }

    /** A list of groups. */
    record Rows(Group each) implements Shape {
    }

    /** What somebody else checks. */
    record Any() implements Shape {
    }

    /**
     * A key and what belongs to it.
     *
     * @param says one sentence for people
     * @param standard the default as it is written
     * @param secret whether the value is to be shown to nobody
     * @param restart whether a change takes effect with the next start only
     */
    record Field(String says, Shape shape, Optional<String> standard, boolean required, boolean secret, boolean restart) {

        /** One that is optional, has no default, and takes effect at once. */
        public static Field of(String says, Shape shape) {
            return new Field(says, shape, Optional.empty(), false, false, false);
        }

        /** This, as one that can't be left out. */
        public Field asRequired() {
            return new Field(says, shape, standard, true, secret, restart);
        }
    }
}
