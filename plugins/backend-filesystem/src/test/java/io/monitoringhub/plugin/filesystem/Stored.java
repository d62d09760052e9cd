package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Reads back what a folder holds. */
final class Stored {

    private static final Pattern NUMBERED = Pattern.compile("(.*?)(?:\\.(\\d+))?(\\.[a-z]+)(?:\\.gz)?");

    private Stored() { }

    /** The lines of each stream, numbered files in order, compressed or not. A file that a crash left in both forms counts once. */
    static Map<String, List<String>> streams(Path folder) throws IOException {
        Map<String, TreeMap<Integer, List<String>>> found = new TreeMap<>();
        for (Path file : files(folder)) {
            Matcher name = NUMBERED.matcher(folder.relativize(file).toString());
            if (!name.matches()) {
                throw new AssertionError("what is " + file + "?");
            }
            int number = name.group(2) == null ? 0 : Integer.parseInt(name.group(2));
            List<String> lines = lines(file);
            List<String> before = found.computeIfAbsent(name.group(1) + name.group(3), stream -> new TreeMap<>()).put(number, lines);
            if (before != null && !before.equals(lines)) {
                throw new AssertionError(file + " is there compressed and not, with different content");
            }
        }
        Map<String, List<String>> streams = new TreeMap<>();
        found.forEach((stream, parts) -> {
            List<String> lines = new ArrayList<>();
            parts.values().forEach(lines::addAll);
            streams.put(stream, lines);
        });
        return streams;
    }

    /** All lines, streams in the order of their names. */
    static List<String> lines(Iterable<List<String>> streams) {
        List<String> lines = new ArrayList<>();
        streams.forEach(lines::addAll);
        return lines;
    }

    /** All files that hold entries, below the folder. */
    static List<Path> files(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(file -> !file.toString().endsWith(".gz.tmp")).sorted().toList();
        }
    }

    /** The lines of one file; the last one must be complete. */
    static List<String> lines(Path file) {
        try (InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(Files.newInputStream(file)) : Files.newInputStream(file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (!text.isEmpty() && !text.endsWith("\n")) {
                throw new AssertionError(file + " ends within a line");
            }
            return text.isEmpty() ? List.of() : List.of(text.substring(0, text.length() - 1).split("\n", -1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
