package io.monitoringhub.launcher;

import io.monitoringhub.command.Command;
import io.monitoringhub.command.ExitCode;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** The shell of the running hub, as commands use it. Immutable. */
final class HubShell {

    private final HubPaths paths;
    private final Terminal terminal;

    HubShell(HubPaths paths, Terminal terminal) {
        this.paths = paths;
        this.terminal = terminal;
    }

    /** A command of the hub with its words as they are. */
    int run(Command command, List<String> words) throws ExitException {
        return execute("hub:" + command.name() + words.stream().map(word -> " " + quoted(word)).collect(Collectors.joining()));
    }

    /** A line for Gogo; an empty one: commands from the keyboard. */
    int execute(String line) throws ExitException {
        try (ShellClient client = ShellClient.connect(new ShellSocket(paths).locate())) {
            if (!terminal.announcement().isEmpty()) {
                client.execute(terminal.announcement());
            }
            return line.isBlank() ? client.interact() : client.execute(line);
        } catch (IOException e) {
            throw new ExitException(ExitCode.UNAVAILABLE, "no answer from a hub on " + paths.data() + " (" + Causes.describe(e)
                    + "): see 'hub status'; only the user who started it may connect");
        }
    }

    /** One word, whatever is in it: to Gogo everything up to the next apostrophe is plain, and neighbours are one word. */
    private static String quoted(String word) {
        return "'" + word.replaceAll("\\R", " ").replace("'", "'\"'\"'") + "'";
    }
}
