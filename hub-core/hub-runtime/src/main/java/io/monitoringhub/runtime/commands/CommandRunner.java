package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Arguments;
import io.monitoringhub.command.Command;
import io.monitoringhub.command.CommandTable;
import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Help;
import io.monitoringhub.command.Json;
import io.monitoringhub.command.UsageException;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * What all commands have in common: words are checked against the table, {@code --help} and {@code --json} mean the same everywhere, failures
 * go to the error stream. Prints to the standard streams, which Gogo has redirected to the session.
 *
 * <p>Immutable.
 */
@Component(service = CommandRunner.class)
public final class CommandRunner {

    private final CommandTable table = CommandTable.load();

    @Activate
    public CommandRunner() {
        // a public constructor is what Declarative Services want
    }

    /** What a command does. */
    interface Body {
        Answer answer(Arguments arguments) throws CommandFailure, UsageException, IOException, InterruptedException;
    }

    /** What a command does that prints as it goes on. */
    interface Course {
        /** @return the exit code */
        int run(Arguments arguments, Screen screen) throws CommandFailure, UsageException, IOException, InterruptedException;
    }

    CommandTable table() {
        return table;
    }

    CommandStatus run(CommandSession session, String name, String[] words, Body body) throws InterruptedException {
        return runOn(session, name, words, (arguments, screen) -> {
            Answer answer = body.answer(arguments);
            if (arguments.wantsJson()) {
                System.out.println(Json.text(answer.json()));
            } else {
                answer.text().accept(screen);
            }
            return answer.code();
        });
    }

    /** For a command that does not come with all that it has to say at once. */
    CommandStatus runOn(CommandSession session, String name, String[] words, Course course) throws InterruptedException {
        List<String> given = Arrays.asList(words);
        try {
            Command command = table.shell(name);
            Arguments arguments = Arguments.of(command, given);
            Screen screen = Screen.of(session, System.out);
            if (arguments.wantsHelp()) {
                screen.asIs(Help.of(command, "hub:", Math.min(screen.width(), Help.STANDARD_WIDTH)));
                return new CommandStatus(ExitCode.OK);
            }
            return new CommandStatus(course.run(arguments, screen));
        } catch (UsageException e) {
            return failed(given, ExitCode.USAGE, e.getMessage());
        } catch (CommandFailure e) {
            return failed(given, e.exitCode(), e.getMessage());
        } catch (IOException e) {
            return failed(given, ExitCode.FAILED, e.toString());
        }
    }

    private static CommandStatus failed(List<String> words, int exitCode, String message) {
        System.err.println(words.contains(Command.JSON) ? Json.error(exitCode, message) : message);
        return new CommandStatus(exitCode);
    }
}
