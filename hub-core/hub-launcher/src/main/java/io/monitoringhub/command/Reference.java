package io.monitoringhub.command;

import io.monitoringhub.command.Command.Argument;
import io.monitoringhub.command.Command.Note;
import io.monitoringhub.command.Command.Option;

/** The table as {@code docs/commands.md}. Has no state. */
final class Reference {

    private static final String HEAD = """
            # Commands

            <!-- commands: run by: CommandTableTest -->

            Made from the table that `hub help` and the check of arguments use
            (`hub-core/hub-launcher/src/main/resources/io/monitoringhub/command/commands.txt`); a test says when this page is behind it.
            What to do with them: [operations.md](operations.md).

            `bin/hub COMMAND` outside, `hub:COMMAND` in the shell of the running hub (`bin/hub shell`; `hub:` may be left out where no other
            command has the name). Options stand anywhere behind the command; `--name value` and `--name=value` are the same; what comes
            behind `--` is no option. A word that is wrong ends with exit code 64 and the nearest right one.

            **`--json`** prints one document on standard output and nothing else. Names of fields stay; new ones may come. Times are
            RFC 3339, durations and sizes have their unit in the name (`_ms`, `_seconds`, `_bytes`). A failure prints
            `{"error":"...","exit_code":N}` on standard error; a command that has something to show all the same, such as a dead letter that
            was refused again, shows it and ends with its exit code.

            **Text** is for people and changes. On a terminal tables leave out columns until they fit, and long words are shortened in the
            middle; anywhere else nothing is left out. Colour only on a terminal, and never with `NO_COLOR` or `TERM=dumb`.

            **Completion** for bash: `source <(hub completion bash)`.

            """;

    private Reference() {
    }

    static String markdown(CommandTable table) {
        StringBuilder text = new StringBuilder(HEAD);
        text.append("## Exit codes\n\n| code | meaning |\n|---|---|\n");
        ExitCode.meanings().forEach(each -> text.append("| ").append(each.code()).append(" | ").append(each.text()).append(" |\n"));
        String group = "";
        for (Command command : table.all()) {
            if (!command.group().equals(group)) {
                group = command.group();
                text.append("\n## ").append(group).append('\n');
            }
            command(text, command);
        }
        return text.toString();
    }

    private static void command(StringBuilder text, Command command) {
        String prefix = command.isInBin() ? "hub " : "hub:";
        text.append("\n### `").append(prefix).append(command.name()).append("`\n\n");
        text.append("`").append(prefix).append(command.usage()).append("`");
        text.append(switch (command.where()) {
            case BIN -> " (not in the shell)";
            case SHELL -> " (in the shell; outside `hub shell " + command.name() + "`)";
            case BOTH -> "";
        });
        text.append("\n\n").append(command.summary().substring(0, 1).toUpperCase(java.util.Locale.ROOT)).append(command.summary().substring(1));
        text.append(". ").append(command.details()).append('\n');
        int end = text.length() - 1;
        if (command.details().isEmpty()) {
            text.deleteCharAt(end - 1);
        }
        if (!command.arguments().isEmpty() || !command.options().isEmpty()) {
            text.append("\n| | |\n|---|---|\n");
            for (Argument argument : command.arguments()) {
                row(text, argument.name(), argument.description());
            }
            for (Option option : command.options()) {
                row(text, option.value().isEmpty() ? option.name() : option.name() + " " + option.value(), option.description());
            }
        }
        if (!command.exits().isEmpty()) {
            text.append("\nExit codes:");
            String separator = " ";
            for (Note exit : command.exits()) {
                text.append(separator).append(exit.what()).append(' ').append(exit.meaning());
                separator = "; ";
            }
            text.append(".\n");
        }
        text.append("\n```sh\n");
        command.examples().forEach(example -> text.append(example.what()).append("   # ").append(example.meaning()).append('\n'));
        text.append("```\n");
    }

    private static void row(StringBuilder text, String what, String meaning) {
        text.append("| `").append(what.replace("|", "\\|")).append("` | ").append(meaning.replace("|", "\\|")).append(" |\n");
    }
}
