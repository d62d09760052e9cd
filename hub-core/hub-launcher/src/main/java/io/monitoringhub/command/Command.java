package io.monitoringhub.command;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One command. Immutable.
 *
 * @param name what is typed
 * @param group the heading that it stands under
 * @param where who knows it
 * @param isRaw whether its words are handed on as they are
 * @param hasJson whether it takes {@code --json}
 * @param summary one line
 * @param details further sentences
 * @param arguments words by their place
 * @param options words by their name
 * @param exits what exit codes mean here, beyond the common ones
 * @param examples command lines and what they do
 */
public record Command(String name, String group, Where where, boolean isRaw, boolean hasJson, String summary, String details,
        List<Argument> arguments, List<Option> options, List<Note> exits, List<Note> examples) {

    /** As an option it is common to all. */
    public static final String HELP = "--help";
    /** As an option it is common to all that show something. */
    public static final String JSON = "--json";

    public Command {
        arguments = List.copyOf(arguments);
        options = List.copyOf(options);
        exits = List.copyOf(exits);
        examples = List.copyOf(examples);
    }

    /** Who knows a command. */
    public enum Where { BIN, SHELL, BOTH }

    /**
     * A word by its place.
     *
     * @param choices what it may be; empty for anything
     */
    public record Argument(String name, Count count, List<String> choices, String description) {

        /** How many words. */
        public enum Count { ONE, OPTIONAL, MANY }

        String usage() {
            String word = choices.isEmpty() ? name : String.join("|", choices);
            return count == Count.ONE ? word : "[" + word + (count == Count.MANY ? "..." : "") + "]";
        }
    }

    /**
     * A word by its name.
     *
     * @param value what follows; empty for a switch
     */
    public record Option(String name, String value, String description) {

        String usage() {
            return value.isEmpty() ? name : name + " " + value;
        }
    }

    /** Something and what it means. */
    public record Note(String what, String meaning) {
    }

    /** Whether {@code bin/hub} knows it. */
    public boolean isInBin() {
        return where != Where.SHELL;
    }

    /** Whether the shell of the running hub knows it. */
    public boolean isInShell() {
        return where != Where.BIN;
    }

    /** All options, the common ones too. */
    public List<Option> allOptions() {
        Stream<Option> json = hasJson ? Stream.of(new Option(JSON, "", "one JSON document instead of text")) : Stream.empty();
        return Stream.of(options.stream(), json, Stream.of(new Option(HELP, "", "this text"))).flatMap(each -> each).toList();
    }

    Optional<Option> option(String word) {
        return allOptions().stream().filter(option -> option.name().equals(word)).findFirst();
    }

    /** Name, arguments, options. */
    public String usage() {
        return Stream.of(Stream.of(name), arguments.stream().map(Argument::usage), options.stream().map(option -> "[" + option.usage() + "]"),
                hasJson ? Stream.of("[" + JSON + "]") : Stream.<String>empty()).flatMap(each -> each).collect(Collectors.joining(" "));
    }
}
