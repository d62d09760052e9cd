package io.monitoringhub.distribution.packaging;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The instructions of a container file, with its arguments' defaults put in.
 *
 * <p>Immutable.
 *
 * @param instructions in their order, {@code FROM} included
 */
record Containerfile(List<Instruction> instructions) {

    private static final List<String> KNOWN = List.of("ARG", "FROM", "COPY", "RUN", "ENV", "WORKDIR", "VOLUME", "EXPOSE", "USER", "STOPSIGNAL", "HEALTHCHECK",
            "ENTRYPOINT", "CMD");

    /** One instruction on one line: {@code USER 10001:10001}. */
    record Instruction(String name, String arguments) {

        /** The words of {@code ["a", "b"]}; the other form runs a shell, which is an error here. */
        List<String> words() throws IOException {
            return List.of(new ObjectMapper().readValue(arguments.substring(arguments.indexOf('[')), String[].class));
        }
    }

    static Containerfile read(Path file) throws IOException {
        String joined = Files.readString(file).replaceAll("(?m)^#.*\n", "").replaceAll("\\\\\n", " ");
        Map<String, String> variables = new LinkedHashMap<>();
        List<Instruction> instructions = new ArrayList<>();
        for (String line : joined.lines().filter(each -> !each.isBlank()).toList()) {
            String[] parts = line.strip().split("\\s+", 2);
            if (!KNOWN.contains(parts[0]) || parts.length < 2) {
                throw new IOException(file + ": not an instruction that is known here: " + line);
            }
            String arguments = parts[1];
            for (Map.Entry<String, String> variable : variables.entrySet()) {
                arguments = arguments.replace("${" + variable.getKey() + "}", variable.getValue());
            }
            if (parts[0].equals("ARG")) {
                UnitFile.put(variables, arguments);
            }
            instructions.add(new Instruction(parts[0], arguments));
        }
        return new Containerfile(instructions);
    }

    List<Instruction> all(String name) {
        return instructions.stream().filter(each -> each.name().equals(name)).toList();
    }

    Instruction one(String name) {
        List<Instruction> found = all(name);
        if (found.size() != 1) {
            throw new AssertionError(name + " stands there " + found.size() + " times");
        }
        return found.get(0);
    }

    /** What the last stage is made of. */
    List<Instruction> lastStage() {
        int begin = instructions.lastIndexOf(all("FROM").get(all("FROM").size() - 1));
        return instructions.subList(begin, instructions.size());
    }

    Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        all("ENV").forEach(each -> Arrays.stream(each.arguments().split("\\s+")).forEach(assignment -> UnitFile.put(environment, assignment)));
        return environment;
    }
}
