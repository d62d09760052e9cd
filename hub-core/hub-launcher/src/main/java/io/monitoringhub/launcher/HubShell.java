package io.monitoringhub.launcher;

import io.monitoringhub.command.Command;
import io.monitoringhub.command.ExitCode;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The shell of the running hub, as commands use it. Immutable. */
final class HubShell {

    private static final String CLEAR = "\u001b[2J\u001b[H";
    /** Without a flicker: what is written over is the same in most places; the rest is erased. */
    private static final String HOME = "\u001b[H\u001b[J";
    /** Between words that Gogo shall take as they are: its own quotes can't hold everything. */
    private static final String SEPARATOR = "\u001f";

    private final HubPaths paths;
    private final Terminal terminal;

    HubShell(HubPaths paths, Terminal terminal) {
        this.paths = paths;
        this.terminal = terminal;
    }

    /** A command of the hub with its words as they are. */
    int run(Command command, List<String> words) throws ExitException {
        return execute(call(command, words));
    }

    /** The same until it fails, each time on a fresh screen. The command itself takes its time. */
    int runAgainAndAgain(Command command, List<String> words) throws ExitException {
        return connected(client -> {
            String begin = CLEAR;
            int code;
            do {
                code = client.execute(call(command, words), begin);
                begin = HOME;
            } while (code == ExitCode.OK && !System.out.checkError());
            return code;
        });
    }

    /** A line for Gogo; an empty one: commands from the keyboard. */
    int execute(String line) throws ExitException {
        return connected(client -> line.isBlank() ? client.interact() : client.execute(line));
    }

    /** What is done with a connection. */
    private interface Dialogue {
        int with(ShellClient client) throws IOException;
    }

    private int connected(Dialogue dialogue) throws ExitException {
        try (ShellClient client = ShellClient.connect(new ShellSocket(paths).locate())) {
            if (!terminal.announcement().isEmpty()) {
                client.execute(terminal.announcement());
            }
            return dialogue.with(client);
        } catch (IOException e) {
            throw new ExitException(ExitCode.UNAVAILABLE, "no answer from a hub on " + paths.data() + " (" + Causes.describe(e)
                    + "): see 'hub status'; only the user who started it may connect");
        }
    }

    private static String call(Command command, List<String> words) {
        // The dot keeps an empty last word from being taken for blanks at the line's end.
        return Stream.of(Stream.of("call", "hub:" + command.name()), words.stream().map(HubShell::onOneLine), Stream.of("."))
                .flatMap(each -> each).collect(Collectors.joining(SEPARATOR));
    }

    private static String onOneLine(String word) {
        return word.replaceAll("\\R", " ").replace(SEPARATOR, " ");
    }
}
