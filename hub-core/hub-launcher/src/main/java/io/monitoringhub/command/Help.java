package io.monitoringhub.command;

import io.monitoringhub.command.Command.Note;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table as text for people. Has no state. */
public final class Help {

    /** Where nobody knows the terminal. */
    public static final int STANDARD_WIDTH = 80;

    private static final int COLUMN = 18;

    private Help() {
    }

    /** All commands of a list, by their groups, one line each. */
    public static String overview(List<Command> commands, int width) {
        StringBuilder text = new StringBuilder();
        String group = "";
        for (Command command : commands) {
            if (!command.group().equals(group)) {
                group = command.group();
                text.append(text.isEmpty() ? "" : "\n").append(group).append(":\n");
            }
            text.append(row(command.name(), command.summary(), width));
        }
        return text.toString();
    }

    /**
     * Everything about one command.
     *
     * @param prefix {@code "hub "} outside, {@code "hub:"} in the shell
     */
    public static String of(Command command, String prefix, int width) {
        StringBuilder text = new StringBuilder(Wrapping.wrap("usage: " + prefix + command.usage(), width, 9)).append('\n');
        text.append('\n').append(Wrapping.wrap(capital(command.summary()) + ". " + command.details(), width, 0).strip()).append('\n');
        List<Note> words = new ArrayList<>();
        command.arguments().forEach(argument -> words.add(new Note(argument.name(), argument.description())));
        command.allOptions().forEach(option -> words.add(new Note(option.usage(), option.description())));
        section(text, "", words, width);
        section(text, "Exit codes, beyond 0 and 64:\n", command.exits(), width);
        section(text, "Examples:\n", command.examples(), width);
        return text.toString();
    }

    private static void section(StringBuilder text, String title, List<Note> notes, int width) {
        if (!notes.isEmpty()) {
            text.append('\n').append(title);
            notes.forEach(note -> text.append(row(note.what(), note.meaning(), width)));
        }
    }

    private static String row(String left, String right, int width) {
        String indent = " ".repeat(COLUMN + 2);
        if (left.length() > COLUMN - 1) {
            return Wrapping.wrap("  " + left, width, 4) + "\n" + Wrapping.wrap(indent + right, width, COLUMN + 2) + "\n";
        }
        return Wrapping.wrap(String.format(Locale.ROOT, "  %-" + COLUMN + "s", left) + right, width, COLUMN + 2) + "\n";
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
    }
}
