package io.monitoringhub.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** {@code hub tail}: the words of the shell's command, with what the hub has to know of this terminal. Has no state. */
final class Tail {

    private static final Path OUTPUT = Path.of("/proc/self/fd/1");

    private Tail() {
    }

    /** The command line for the shell. */
    static String command(List<String> arguments, Map<String, String> environment) {
        return command(arguments, environment, isTerminal());
    }

    static String command(List<String> arguments, Map<String, String> environment, boolean isTerminal) {
        List<String> words = new ArrayList<>(arguments);
        if (isTerminal) {
            words.addAll(List.of("--width", Integer.toString(columns(environment))));
            if (environment.getOrDefault("NO_COLOR", "").isEmpty() && !"dumb".equals(environment.get("TERM"))) {
                words.add("--color");
            }
        }
        return words.stream().map(Tail::quoted).collect(Collectors.joining(" ", "hub:tail ", ""));
    }

    /** Java itself asks for input and output at once. */
    private static boolean isTerminal() {
        try {
            return Files.readSymbolicLink(OUTPUT).toString().matches("/dev/(pts/|tty|console).*");
        } catch (IOException noSuchPlace) {
            return System.console() != null;
        }
    }

    private static int columns(Map<String, String> environment) {
        String said = environment.getOrDefault("COLUMNS", "");
        if (said.matches("[1-9]\\d{1,2}")) {
            return Integer.parseInt(said);
        }
        try {
            Process stty = new ProcessBuilder("stty", "size").redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            stty.waitFor(1, TimeUnit.SECONDS);
            return size.matches("\\d+ [1-9]\\d{1,2}") ? Integer.parseInt(size.substring(size.indexOf(' ') + 1)) : 80;
        } catch (IOException noStty) {
            return 80;
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
            return 80;
        }
    }

    /** One word for Gogo, whatever characters it has. */
    private static String quoted(String word) {
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
