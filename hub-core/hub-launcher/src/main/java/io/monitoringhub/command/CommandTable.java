package io.monitoringhub.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** All commands, from the resource {@code commands.txt}, in its order. Immutable. */
public final class CommandTable {

    private static final String SEPARATOR = " :: ";

    private final List<Command> commands;

    private CommandTable(List<Command> commands) {
        this.commands = List.copyOf(commands);
    }

    /** Reads the table. */
    public static CommandTable load() {
        try (InputStream in = CommandTable.class.getResourceAsStream("commands.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return parse(lines.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException("commands.txt", e);
        }
    }

    static CommandTable parse(List<String> lines) {
        List<Command> commands = new ArrayList<>();
        Draft draft = null;
        String group = "";
        for (String line : lines) {
            String[] parts = line.split(" ", 2);
            String rest = parts.length > 1 ? parts[1] : "";
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (parts[0].equals("command")) {
                if (draft != null) {
                    commands.add(draft.command(group));
                }
                draft = new Draft(rest);
            } else if (draft == null) {
                throw new IllegalArgumentException("a line before the first command: " + line);
            } else if (parts[0].equals("group")) {
                group = rest;
            } else {
                draft.take(parts[0], rest);
            }
        }
        if (draft != null) {
            commands.add(draft.command(group));
        }
        return new CommandTable(commands);
    }

    /** What {@code bin/hub} knows. */
    public List<Command> inBin() {
        return commands.stream().filter(Command::isInBin).toList();
    }

    /** What the shell knows. */
    public List<Command> inShell() {
        return commands.stream().filter(Command::isInShell).toList();
    }

    /** All, in the order of the table. */
    public List<Command> all() {
        return commands;
    }

    /**
     * A command of {@code bin/hub}.
     *
     * @throws UsageException where there is none, with the nearest
     */
    public Command bin(String name) throws UsageException {
        return find(name, Command::isInBin, "hub help");
    }

    /**
     * A command of the shell.
     *
     * @throws UsageException where there is none, with the nearest
     */
    public Command shell(String name) throws UsageException {
        return find(name, Command::isInShell, "hub:help");
    }

    private Command find(String name, Predicate<Command> where, String help) throws UsageException {
        List<Command> known = commands.stream().filter(where).toList();
        Optional<Command> found = known.stream().filter(command -> command.name().equals(name)).findFirst();
        return found.orElseThrow(() -> new UsageException("no command '" + name + "' ('" + help + "' lists them)"
                + Similar.to(name, known.stream().map(Command::name).toList())));
    }

    /** A command whose lines are being read. */
    private static final class Draft {

        private final String name;
        private Command.Where where = Command.Where.BOTH;
        private boolean isRaw;
        private boolean hasJson;
        private String summary = "";
        private final List<String> details = new ArrayList<>();
        private final List<Command.Argument> arguments = new ArrayList<>();
        private final List<Command.Option> options = new ArrayList<>();
        private final List<Command.Note> exits = new ArrayList<>();
        private final List<Command.Note> examples = new ArrayList<>();

        Draft(String name) {
            this.name = name;
        }

        void take(String word, String rest) {
            switch (word) {
                case "in" -> where = Command.Where.valueOf(rest.toUpperCase(Locale.ROOT));
                case "raw" -> isRaw = true;
                case "json" -> hasJson = true;
                case "does" -> summary = rest;
                case "more" -> details.add(rest);
                case "argument" -> arguments.add(argument(note(rest)));
                case "option" -> options.add(option(note(rest)));
                case "exit" -> exits.add(note(rest));
                case "example" -> examples.add(note(rest));
                default -> throw new IllegalArgumentException("command " + name + ": no line begins with '" + word + "'");
            }
        }

        private Command.Note note(String rest) {
            String[] parts = rest.split(SEPARATOR, 2);
            if (parts.length < 2) {
                throw new IllegalArgumentException("command " + name + ": expected '" + SEPARATOR + "' in '" + rest + "'");
            }
            return new Command.Note(parts[0], parts[1]);
        }

        private static Command.Argument argument(Command.Note note) {
            String[] words = note.what().split(" ");
            return new Command.Argument(words[0], Command.Argument.Count.valueOf(words[1].toUpperCase(Locale.ROOT)),
                    words.length > 2 ? List.of(words[2].split("\\|")) : List.of(), note.meaning());
        }

        private static Command.Option option(Command.Note note) {
            String[] words = note.what().split(" ", 2);
            return new Command.Option(words[0], words.length > 1 ? words[1] : "", note.meaning());
        }

        Command command(String group) {
            return new Command(name, group, where, isRaw, hasJson, summary, String.join(" ", details), arguments, options, exits, examples);
        }
    }
}
