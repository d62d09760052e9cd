package io.monitoringhub.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * The entry point of {@code bin/hub}.
 *
 * <p>Immutable.
 */
public final class Main {

    private static final String USAGE = """
            usage: hub COMMAND [ARGUMENT...]

              run                        run in the foreground until SIGTERM or SIGINT
              start                      run in the background; returns when the hub is ready
              stop [--timeout S] [--force]
                                         end it in order, waiting 30 s; --force kills it after that
              status                     exit 0: ready, 4: running but not ready, 3: not running
              check [FILE]               look at the configuration, or at FILE as one, and at bundles and plugins, without running anything;
                                         exit 78: the configuration is wrong, 3: something else is
              schema                     print the JSON Schema of the configuration, with the keys of the plugins that are there
              reload                     read the configuration again, as SIGHUP does; exit 78: it is wrong, nothing has changed
              config show|diff           every value that holds and where it comes from; what is on disk against it
              shell [COMMAND...]         run one shell command in the running hub, or read commands from the terminal
              plugins                    the jars in plugins/ and what became of them
              trace ID                   the tree of a trace or job
              jobs                       the latest jobs, how far they are, and which stand still
              tail [--source GLOB] [--type T] [--level L] [--grep X] [--from now|earliest|OFFSET|TIME | -n N] [--json] [--no-follow]
                                         entries as they come, one a line, until Ctrl-C
              route MESSAGE              which routes a message would take, '{"src":"..."}'; delivers nothing
              convert OLD [-o NEW]       write a hub.yaml from a file of the older sidecar, and say what became of each key
              log verify|dump|cursors [FOLDER] ...
                                         look into the log of a hub that is not running (default: HUB_DATA/log)
              version, help

            environment:
              HUB_HOME     the unpacked distribution (default: the folder above bin)
              HUB_CONF     the configuration file (default: HUB_HOME/conf/hub.yaml)
              HUB_DATA     everything that the hub writes (default: HUB_HOME/data)
              HUB_PLUGINS  where plugin jars are dropped (default: HUB_HOME/plugins)
              HUB_JAVA_OPTS, JAVA_HOME
            """;

    private Main() {
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(exitCode(arguments));
    }

    private static int exitCode(String[] arguments) {
        try {
            return dispatch(List.of(arguments));
        } catch (ExitException e) {
            System.err.println("hub: " + e.getMessage());
            return e.exitCode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.INTERNAL;
        } catch (Exception e) { // the process boundary: whatever it was, the caller gets a line and a code
            LoggerFactory.getLogger(Main.class).error("hub {} failed", String.join(" ", arguments), e);
            System.err.println("hub: a fault of the hub (" + Causes.describe(e) + "): please report it, with the end of the log");
            return ExitCode.INTERNAL;
        }
    }

    private static int dispatch(List<String> arguments) throws Exception {
        if (arguments.isEmpty()) {
            System.err.print(USAGE);
            return ExitCode.USAGE;
        }
        List<String> rest = arguments.subList(1, arguments.size());
        return switch (arguments.get(0)) {
            case "help", "-h", "--help" -> print(USAGE);
            case "version", "--version" -> print(version() + "\n");
            case "run" -> new HubProcess(paths(), version()).run();
            case "check" -> look(rest, "hub:check");
            case "schema" -> look(List.of(), "hub:schema");
            case "reload" -> shell(paths(), "hub:reload");
            case "config" -> shell(paths(), "hub:config " + quoted(only(rest, "config show|diff")));
            case "status" -> new RunningHub(paths()).status();
            case "stop" -> stop(rest);
            case "shell" -> shell(paths(), String.join(" ", rest));
            case "plugins" -> shell(paths(), "hub:plugins");
            case "trace" -> shell(paths(), "hub:trace " + quoted(only(rest, "trace ID")));
            case "jobs" -> shell(paths(), "hub:jobs");
            case "tail" -> shell(paths(), Tail.command(rest, System.getenv()));
            case "route" -> shell(paths(), "hub:route " + quotedJson(only(rest, "route '{\"src\":\"...\"}'")));
            case "log" -> new OfflineLog(paths()).run(rest);
            default -> throw new ExitException(ExitCode.USAGE, "no command '" + arguments.get(0) + "': see 'hub help'");
        };
    }

    private static HubPaths paths() throws ExitException {
        return HubPaths.from(System.getenv());
    }

    private static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion()).orElse("development");
    }

    private static int print(String text) {
        System.out.print(text);
        return ExitCode.OK;
    }

    /** Starts a framework in which no hub runs, beside one that does or not, and asks it. */
    private static int look(List<String> arguments, String command) throws Exception {
        if (arguments.size() > 1) {
            throw new ExitException(ExitCode.USAGE, "usage: hub check [FILE]");
        }
        Path scratch = Path.of(System.getProperty("hub.data", ""));
        HubPaths real = paths();
        if (scratch.toString().isEmpty() || scratch.toAbsolutePath().normalize().equals(real.data())) {
            throw new ExitException(ExitCode.USAGE, "the system property hub.data has to name a scratch folder: use bin/hub");
        }
        HubPaths paths = real.checkedFrom(scratch, arguments.isEmpty() ? real.conf() : Path.of(arguments.get(0)));
        return new HubProcess(paths, version()).runOnly(() -> {
            int code = shell(paths, command);
            return code == ExitCode.FAILED ? ExitCode.NOT_RUNNING : code;
        });
    }

    private static int stop(List<String> arguments) throws ExitException, IOException, InterruptedException {
        Duration patience = Duration.ofSeconds(30);
        boolean force = false;
        for (int i = 0; i < arguments.size(); i++) {
            switch (arguments.get(i)) {
                case "--force" -> force = true;
                case "--timeout" -> patience = seconds(i + 1 < arguments.size() ? arguments.get(++i) : "");
                default -> throw new ExitException(ExitCode.USAGE, "usage: hub stop [--timeout SECONDS] [--force]");
            }
        }
        return new RunningHub(paths()).stop(patience, force);
    }

    private static Duration seconds(String text) throws ExitException {
        if (!text.matches("\\d{1,6}")) {
            throw new ExitException(ExitCode.USAGE, "--timeout takes a number of seconds, not '" + text + "'");
        }
        return Duration.ofSeconds(Long.parseLong(text));
    }

    private static int shell(HubPaths paths, String command) throws ExitException {
        try (ShellClient client = ShellClient.connect(new ShellSocket(paths).locate())) {
            return command.isBlank() ? client.interact() : client.execute(command);
        } catch (IOException e) {
            throw new ExitException(ExitCode.UNAVAILABLE, "no answer from a hub on " + paths.data() + " (" + Causes.describe(e)
                    + "): see 'hub status'; only the user who started it may connect");
        }
    }

    private static String only(List<String> arguments, String usage) throws ExitException {
        if (arguments.size() != 1) {
            throw new ExitException(ExitCode.USAGE, "usage: hub " + usage);
        }
        return arguments.get(0);
    }

    /** JSON as one word for Gogo, to which everything up to the next apostrophe is plain, and on one line. */
    private static String quotedJson(String json) {
        return "'" + json.replace("'", "\\u0027").replaceAll("\\R", " ") + "'";
    }

    /** One word for Gogo, whatever characters it has. */
    static String quoted(String word) {
        StringBuilder quoted = new StringBuilder("'");
        word.chars().forEach(c -> {
            if (c == '\'' || c == '\\') {
                quoted.append('\\');
            }
            quoted.append((char) c);
        });
        return quoted.append('\'').toString();
    }
}
