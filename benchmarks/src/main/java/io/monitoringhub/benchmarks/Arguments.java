package io.monitoringhub.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Options of a command line: {@code --name value}, or {@code --name} alone for a switch.
 *
 * <p>Used by one thread at a time.
 */
final class Arguments {
    private final Map<String, String> values = new LinkedHashMap<>();
    private final TreeSet<String> unused = new TreeSet<>();

    Arguments(String[] words, String... switches) {
        List<String> flags = Arrays.asList(switches);
        for (int i = 0; i < words.length; i++) {
            if (!words[i].startsWith("--")) {
                throw new IllegalArgumentException("'" + words[i] + "' is no option: write --name value");
            }
            String name = words[i].substring(2);
            if (!flags.contains(name) && i + 1 == words.length) {
                throw new IllegalArgumentException("--" + name + " needs a value");
            }
            values.put(name, flags.contains(name) ? "true" : words[++i]);
            unused.add(name);
        }
    }

    Optional<String> text(String name) {
        unused.remove(name);
        return Optional.ofNullable(values.get(name));
    }

    String required(String name) {
        return text(name).orElseThrow(() -> new IllegalArgumentException("--" + name + " is missing"));
    }

    boolean isSet(String name) {
        return text(name).isPresent();
    }

    /** A whole number; {@code _} and {@code k}, {@code m} (thousand, million) are understood: {@code 10m}. */
    long number(String name, long byDefault) {
        return text(name).map(text -> parse(name, text)).orElse(byDefault);
    }

    /** Refuses options that nobody asked for: a typing error must not change what is measured. */
    void noOthers() {
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException("unknown option --" + unused.first());
        }
    }

    private static long parse(String name, String text) {
        String digits = text.replace("_", "").toLowerCase(Locale.ROOT);
        long factor = digits.endsWith("m") ? 1_000_000 : digits.endsWith("k") ? 1_000 : 1;
        try {
            return factor * Long.parseLong(factor == 1 ? digits : digits.substring(0, digits.length() - 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--" + name + " " + text + ": expected a whole number, e.g. 500000, 500k or 10m", e);
        }
    }
}
