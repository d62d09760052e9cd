package io.monitoringhub.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a file backend has written so far, read while it writes. */
public final class EventFiles {

    private EventFiles() {
    }

    /** All whole lines of all {@code *.jsonl} files below a folder, in the order of the files' names; none if there is no such folder yet. */
    public static List<String> lines(Path folder) {
        List<String> lines = new ArrayList<>();
        for (Path file : files(folder)) {
            wholeLines(file).lines().forEach(lines::add);
        }
        return lines;
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                // A file was renamed between its listing and the look at it.
                return files(folder);
            }
            throw e;
        }
    }

    /** Cut as bytes, for what comes after the last newline may end within a character. */
    private static String wholeLines(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            return new String(bytes, 0, end, StandardCharsets.UTF_8);
        } catch (NoSuchFileException renamed) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
