package io.monitoringhub.command;

import io.monitoringhub.command.Command.Argument;
import io.monitoringhub.command.Command.Argument.Count;
import io.monitoringhub.command.Command.Option;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The words behind a command, checked against the table. Immutable. */
public final class Arguments {

    private final Command command;
    private final List<String> words;
    private final Map<String, List<String>> options;

    private Arguments(Command command, List<String> words, Map<String, List<String>> options) {
        this.command = command;
        this.words = List.copyOf(words);
        this.options = Map.copyOf(options);
    }

    /**
     * Takes them apart. {@code --name value} and {@code --name=value} are the same; what comes behind {@code --} is no option.
     *
     * @throws UsageException where they are not what the table says
     */
    public static Arguments of(Command command, List<String> given) throws UsageException {
        List<String> words = new ArrayList<>();
        Map<String, List<String>> options = new LinkedHashMap<>();
        boolean isOver = command.isRaw();
        for (int i = 0; i < given.size(); i++) {
            String word = given.get(i);
            if (isOver || !word.matches("-[a-zA-Z-].*")) {
                words.add(word);
            } else if (word.equals("--")) {
                isOver = true;
            } else {
                String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
                Option option = known(command, name.equals("-h") ? Command.HELP : name);
                if (option.value().isEmpty()) {
                    refuse(word.contains("="), command, name + " takes no value");
                    options.put(option.name(), List.of());
                } else if (word.contains("=")) {
                    add(options, option, word.substring(word.indexOf('=') + 1));
                } else {
                    refuse(i + 1 == given.size(), command, name + " wants " + option.value());
                    add(options, option, given.get(++i));
                }
            }
        }
        Arguments arguments = new Arguments(command, words, options);
        if (!arguments.wantsHelp()) {
            arguments.requireWords();
        }
        return arguments;
    }

    private static void add(Map<String, List<String>> options, Option option, String value) {
        options.computeIfAbsent(option.name(), name -> new ArrayList<>()).add(value);
    }

    private static Option known(Command command, String name) throws UsageException {
        return command.option(name).orElseThrow(() -> new UsageException(command.name() + ": no option '" + name + "'"
                + Similar.to(name, command.allOptions().stream().map(Option::name).toList()) + usage(command)));
    }

    private void requireWords() throws UsageException {
        List<Argument> wanted = command.arguments();
        long least = wanted.stream().filter(argument -> argument.count() == Count.ONE).count();
        boolean isOpen = wanted.stream().anyMatch(argument -> argument.count() == Count.MANY);
        refuse(words.size() < least, command, "expected " + (words.size() < wanted.size() ? wanted.get(words.size()).usage() : "more"));
        if (!isOpen && words.size() > wanted.size()) {
            refuse(true, command, "'" + words.get(wanted.size()) + "' is one word too many");
        }
        for (int i = 0; i < Math.min(words.size(), wanted.size()); i++) {
            Argument argument = wanted.get(i);
            boolean isChoice = argument.choices().isEmpty() || argument.choices().contains(words.get(i)) || argument.count() == Count.OPTIONAL;
            refuse(!isChoice, command, "expected " + String.join(", ", argument.choices()) + ", not '" + words.get(i) + "'"
                    + Similar.to(words.get(i), argument.choices()));
        }
    }

    private static void refuse(boolean isWrong, Command command, String message) throws UsageException {
        if (isWrong) {
            throw new UsageException(command.name() + ": " + message + usage(command));
        }
    }

    private static String usage(Command command) {
        return "\nusage: " + command.usage();
    }

    /** The command's own complaint, with its usage. */
    public UsageException wrong(String message) {
        return new UsageException(command.name() + ": " + message + usage(command));
    }

    /** What is not an option. */
    public List<String> words() {
        return words;
    }

    /** A word by its place, if it is there. */
    public Optional<String> word(int index) {
        return index < words.size() ? Optional.of(words.get(index)) : Optional.empty();
    }

    /** Whether an option is there. */
    public boolean has(String option) {
        return options.containsKey(option);
    }

    /** The value of an option, if it is there; the last one, if it is there several times. */
    public Optional<String> value(String option) {
        return values(option).stream().reduce((earlier, later) -> later);
    }

    /** All values of an option that may be there several times. */
    public List<String> values(String option) {
        return List.copyOf(options.getOrDefault(option, List.of()));
    }

    /** Whether only the help is wanted. */
    public boolean wantsHelp() {
        return has(Command.HELP);
    }

    /** Whether JSON is wanted. */
    public boolean wantsJson() {
        return has(Command.JSON);
    }
}
