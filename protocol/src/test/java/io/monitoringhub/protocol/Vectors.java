package io.monitoringhub.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The files in {@code vectors/}. Immutable. */
final class Vectors {

    static final Path FOLDER = Path.of("vectors");

    private Vectors() {
    }

    /** One case. {@code expected} is the content of its {@code .json}. Immutable. */
    record Vector(String name, byte[] bytes, JsonNode expected) {

        @Override
        public String toString() {
            return name;
        }
    }

    /** Those that a hub has to read. */
    static Stream<Vector> forHubs() {
        return index().stream().filter(name -> !name.startsWith("replies/")).map(Vectors::load);
    }

    static Stream<Vector> replies() {
        return index().stream().filter(name -> name.startsWith("replies/")).map(Vectors::load);
    }

    static List<String> index() {
        try {
            return Files.readAllLines(FOLDER.resolve("INDEX"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the list of vectors: run the tests in the folder protocol", e);
        }
    }

    static Vector load(String name) {
        try {
            return new Vector(name, Files.readAllBytes(FOLDER.resolve(name + ".ldjson")),
                    new ObjectMapper().readTree(FOLDER.resolve(name + ".json").toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read vector " + name, e);
        }
    }

    /** The lines of a vector that are not empty, each without its newline. Deliberately not the decoder's own way to find them. */
    static List<byte[]> lines(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                byte[] line = Arrays.copyOfRange(bytes, from, i);
                if (i - from >= 65_536 || !new String(line, StandardCharsets.ISO_8859_1).matches("[ \t\r]*")) {
                    lines.add(line);
                }
                from = i + 1;
            }
        }
        return lines;
    }
}
