package io.monitoringhub.distribution.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A unit of systemd, as far as these tests need it: no continued lines, no quotes.
 *
 * <p>Immutable.
 */
final class UnitFile {

    private final Map<String, List<String>> values;

    private UnitFile(Map<String, List<String>> values) {
        this.values = values;
    }

    static UnitFile read(Path file) throws IOException {
        Map<String, List<String>> values = new LinkedHashMap<>();
        String section = "";
        for (String line : Files.readAllLines(file)) {
            if (line.matches("\\[\\w+]")) {
                section = line.substring(1, line.length() - 1);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                int equals = line.indexOf('=');
                if (equals < 1 || line.endsWith("\\")) {
                    throw new IOException(file + ": not a line of a unit: " + line);
                }
                values.computeIfAbsent(section + "." + line.substring(0, equals), key -> new ArrayList<>()).add(line.substring(equals + 1).strip());
            }
        }
        return new UnitFile(values);
    }

    List<String> all(String key) {
        return values.getOrDefault(key, List.of());
    }

    String one(String key) {
        List<String> found = all(key);
        if (found.size() != 1) {
            throw new AssertionError(key + " stands there " + found.size() + " times");
        }
        return found.get(0);
    }

    /** A time span such as {@code 5min} or {@code 150s}, in seconds. */
    long seconds(String key) {
        String text = one(key);
        return text.endsWith("min") ? 60 * Long.parseLong(text.replace("min", "")) : Long.parseLong(text.replace("s", ""));
    }

    /** The words of a command, without the sign before it, and with the main process's id in its place. */
    List<String> command(String key, long mainPid) {
        return Arrays.stream(one(key).replaceFirst("^[-@:+!]+", "").split(" +")).map(word -> word.replace("$MAINPID", Long.toString(mainPid))).toList();
    }

    /** {@code Environment=} with one assignment a line. */
    Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        all("Service.Environment").forEach(each -> put(environment, each));
        return environment;
    }

    static void put(Map<String, String> environment, String assignment) {
        int equals = assignment.indexOf('=');
        environment.put(assignment.substring(0, equals), assignment.substring(equals + 1));
    }
}
