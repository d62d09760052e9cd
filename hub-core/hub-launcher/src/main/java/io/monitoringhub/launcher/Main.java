package io.monitoringhub.launcher;

import io.monitoringhub.command.Arguments;
import io.monitoringhub.command.Command;
import io.monitoringhub.command.CommandTable;
import io.monitoringhub.command.Completion;
import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Help;
import io.monitoringhub.command.Json;
import io.monitoringhub.command.UsageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * The entry point of {@code bin/hub}: what the table does not leave to the shell of the running hub.
 *
 * <p>Immutable.
 */
public final class Main {

    private static final String ENVIRONMENT = """

            Environment:
              HUB_HOME          the unpacked distribution (the folder above bin)
              HUB_CONF          the configuration file (HUB_HOME/conf/hub.yaml)
              HUB_DATA          everything that the hub writes (HUB_HOME/data)
              HUB_PLUGINS       where plugin jars are dropped (HUB_HOME/plugins)
              HUB_JAVA_OPTS, JAVA_HOME, HUB_START_TIMEOUT, NO_COLOR

            'hub help COMMAND' or 'hub COMMAND --help' explains one.
            """;
    /** Set by {@code bin/hub} for a framework that only looks. */
    private static final String SCRATCH = "hub.data";

    private final CommandTable table = CommandTable.load();
    private final Terminal terminal = Terminal.of(System.getenv());

    private Main() {
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        // Felix, and who knows which plugin, writes numbers for machines in the digits of the operator's language: with Arabic ones nothing resolves.
        Locale.setDefault(Locale.ROOT);
        System.exit(exitCode(List.of(arguments)));
    }

    private static int exitCode(List<String> arguments) {
        try {
            // a start need not wait for the table
            return arguments.equals(List.of("run")) ? runHub() : new Main().dispatch(arguments);
        } catch (ExitException e) {
            return complain(arguments, e.exitCode(), e.getMessage());
        } catch (UsageException e) {
            return complain(arguments, ExitCode.USAGE, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.INTERNAL;
        } catch (Exception e) { // the process boundary: whatever it was, the caller gets a line and a code
            LoggerFactory.getLogger(Main.class).error("hub {} failed", String.join(" ", arguments), e);
            return complain(arguments, ExitCode.INTERNAL,
                    "a fault of the hub (" + Causes.describe(e) + "): please report it, with the end of the log");
        }
    }

    private static int complain(List<String> arguments, int exitCode, String message) {
        System.err.println(arguments.contains(Command.JSON) ? Json.error(exitCode, message) : "hub: " + message);
        return exitCode;
    }

    private int dispatch(List<String> given) throws Exception {
        if (given.isEmpty()) {
            System.err.print(overview());
            return ExitCode.USAGE;
        }
        String name = switch (given.get(0)) {
            case "-h", Command.HELP -> "help";
            case "--version" -> "version";
            default -> given.get(0);
        };
        Command command = table.bin(name);
        List<String> words = given.subList(1, given.size());
        Arguments arguments = Arguments.of(command, words);
        boolean isRawHelp = command.isRaw() && words.size() == 1 && List.of("-h", Command.HELP).contains(words.get(0));
        if (arguments.wantsHelp() || isRawHelp) {
            return print(Help.of(command, "hub ", terminal.width()));
        }
        return run(command, words, arguments);
    }

    private int run(Command command, List<String> words, Arguments arguments) throws Exception {
        return switch (command.name()) {
            case "help" -> print(arguments.word(0).isEmpty() ? overview() : Help.of(table.bin(arguments.word(0).get()), "hub ", terminal.width()));
            case "version" -> printVersion(arguments.wantsJson());
            case "completion" -> print(Completion.bash(table));
            case "run" -> runHub();
            case "check" -> look(command, withoutFile(words, arguments), arguments.word(0).map(Path::of));
            case "schema" -> look(command, words, Optional.empty());
            case "support-bundle" -> supportBundle(command, arguments);
            case "status" -> new RunningHub(paths()).status(arguments.wantsJson());
            case "stop" -> new RunningHub(paths()).stop(seconds(arguments, "--timeout", 30), arguments.has("--force"));
            case "shell" -> shell().execute(String.join(" ", words));
            case "top" -> terminal.columns().isEmpty() || arguments.has("--once") || arguments.wantsJson() ? forward(command, words)
                    : shell().runAgainAndAgain(command, words);
            case "swap" -> forward(command, withAbsoluteJar(words, arguments));
            case "log" -> new OfflineLog(paths()).run(arguments);
            default -> forward(command, words);
        };
    }

    private static int runHub() throws Exception {
        return new HubProcess(paths(), version()).run();
    }

    private int forward(Command command, List<String> words) throws ExitException {
        if (!command.isInShell()) {
            throw new ExitException(ExitCode.USAGE, "'hub " + command.name() + "' is done by bin/hub itself: use it");
        }
        return shell().run(command, words);
    }

    /** The hub has another working folder. */
    private static List<String> withAbsoluteJar(List<String> words, Arguments arguments) {
        Optional<String> jar = arguments.word(1);
        return words.stream().map(word -> jar.isPresent() && word.equals(jar.get()) ? Path.of(word).toAbsolutePath().normalize().toString() : word)
                .toList();
    }

    private HubShell shell() throws ExitException {
        return new HubShell(paths(), terminal);
    }

    private static HubPaths paths() throws ExitException {
        return HubPaths.from(System.getenv());
    }

    private static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion()).orElse("development");
    }

    private String overview() {
        return "usage: hub COMMAND [ARGUMENT...]\n\n" + Help.overview(table.inBin(), terminal.width()) + ENVIRONMENT;
    }

    private static int printVersion(boolean asJson) {
        return print((asJson ? Json.text(Json.map("version", version(), "java", System.getProperty("java.runtime.version"),
                "java_vendor", System.getProperty("java.vendor"), "os", System.getProperty("os.name") + " " + System.getProperty("os.version"),
                "arch", System.getProperty("os.arch"))) : version()) + "\n");
    }

    private static int print(String text) {
        System.out.print(text);
        return ExitCode.OK;
    }

    private static List<String> withoutFile(List<String> words, Arguments arguments) {
        return words.stream().filter(word -> !arguments.words().contains(word)).toList();
    }

    /** Starts a framework in which no hub runs, beside one that does or not, and asks it. */
    private int look(Command command, List<String> words, Optional<Path> configuration) throws Exception {
        Path scratch = Path.of(System.getProperty(SCRATCH, ""));
        HubPaths real = paths();
        if (scratch.toString().isEmpty() || scratch.toAbsolutePath().normalize().equals(real.data())) {
            throw new ExitException(ExitCode.USAGE, "the system property hub.data has to name a scratch folder: use bin/hub");
        }
        HubPaths paths = real.checkedFrom(scratch, configuration.orElse(real.conf()));
        HubProcess process = new HubProcess(paths, version());
        return process.runOnly(() -> {
            int code = new HubShell(paths, terminal).run(command, words);
            String classes = System.getProperty(StartClasses.PROPERTY, "");
            if (code == ExitCode.OK && !classes.isEmpty()) {
                process.load(StartClasses.of(Path.of(classes)));
            }
            return code == ExitCode.FAILED && command.name().equals("check") ? ExitCode.NOT_RUNNING : code;
        });
    }

    /** By the hub if it answers, else by a framework that only looks, for which {@code bin/hub} calls once more. */
    private int supportBundle(Command command, Arguments arguments) throws Exception {
        String file = arguments.word(0).orElseThrow(() -> arguments.wrong("expected FILE; bin/hub would name one"));
        List<String> words = new ArrayList<>(List.of(Path.of(file).toAbsolutePath().normalize().toString()));
        if (arguments.wantsJson()) {
            words.add(Command.JSON);
        }
        return System.getProperty(SCRATCH) == null ? shell().run(command, words) : look(command, words, Optional.empty());
    }

    private static Duration seconds(Arguments arguments, String option, int standard) throws UsageException {
        String text = arguments.value(option).orElse(Integer.toString(standard));
        if (!text.matches("\\d{1,6}")) {
            throw arguments.wrong(option + " takes a number of seconds, not '" + text + "'");
        }
        return Duration.ofSeconds(Long.parseLong(text));
    }
}
