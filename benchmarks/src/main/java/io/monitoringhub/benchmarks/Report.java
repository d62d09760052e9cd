package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.hub.Json;
import io.monitoringhub.benchmarks.hub.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a command found, for a file of JSON: with date, command line and machine. Used by one thread at a time. */
final class Report {
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** @param work on the disk that is used */
    Report(String[] words, Path work) throws IOException {
        values.put("date", LocalDateTime.now().toString());
        values.put("command", String.join(" ", words));
        values.put("machine", Machine.describe(work));
    }

    void put(String name, Object value) {
        values.put(name, value);
    }

    /** The machine, as JSON. */
    String machine() {
        return Json.write(values.get("machine"));
    }

    /** Writes it to {@code folder}, under date and name, and says where. */
    void save(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        String date = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss"));
        Path file = folder.resolve(date + "-" + name + ".json");
        Files.writeString(file, Json.write(values) + "\n");
        System.out.println("\nwritten: " + file);
    }
}
