package io.monitoringhub.distribution.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Command behind {@code benchmarks/faults}. Exit code 0 = every round passed, 1 = one did not, 64 = wrong options.
 *
 * <p>Used by one thread at a time.
 */
public final class FaultCommand {

    private final Map<String, String> options = new LinkedHashMap<>();

    private FaultCommand(String[] words) {
        for (int i = 0; i + 1 < words.length; i += 2) {
            options.put(words[i], words[i + 1]);
        }
        if (words.length % 2 != 0) {
            throw new IllegalArgumentException(words[words.length - 1] + " needs a value, or is no option");
        }
    }

    /** Runs the command. */
    public static void main(String[] words) throws IOException, InterruptedException {
        FaultSettings settings;
        try {
            settings = new FaultCommand(words).settings();
        } catch (IllegalArgumentException e) {
            System.err.println("faults: " + e.getMessage());
            System.exit(64);
            return;
        }
        try {
            FaultRun.run(settings, System.out);
        } catch (AssertionError failure) {
            System.out.println(failure.getMessage());
            System.exit(1);
        }
    }

    private FaultSettings settings() throws IOException {
        Path folder = Files.createDirectories(Path.of(take("--work", "target/faults")).toAbsolutePath());
        long seed = number("--seed", System.currentTimeMillis());
        FaultSettings settings = new FaultSettings(Files.createTempDirectory(folder, "faults-"), seed, (int) number("--first", 1),
                (int) number("--rounds", 30), (int) number("--rate", 50_000), (int) number("--connections", 8), faults(), 20);
        if (!options.isEmpty()) {
            throw new IllegalArgumentException("unknown option " + options.keySet().iterator().next());
        }
        return settings;
    }

    private List<Fault> faults() {
        List<String> wanted = List.of(take("--faults", String.join(",", Arrays.stream(Fault.values()).map(Fault::option).toList())).split(","));
        List<Fault> known = Arrays.stream(Fault.values()).filter(fault -> wanted.contains(fault.option())).toList();
        if (known.size() != wanted.size()) {
            throw new IllegalArgumentException("--faults " + wanted + ": expected some of "
                    + Arrays.stream(Fault.values()).map(Fault::option).toList());
        }
        return known;
    }

    private String take(String name, String byDefault) {
        String value = options.remove(name);
        return value == null ? byDefault : value;
    }

    private long number(String name, long byDefault) {
        String value = take(name, Long.toString(byDefault));
        try {
            return Long.parseLong(value.replace("_", ""));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " " + value + ": expected a whole number", e);
        }
    }
}
