package io.monitoringhub.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One measured run. Immutable.
 *
 * @param what was measured, in words
 * @param messages sent
 * @param seconds from the first byte sent until the last message was in a file
 * @param cpuMicros processor time of the receiving process per message
 * @param generatorMicros the same of the load generator
 * @param peakBytes of resident memory at most
 * @param complete whether the verifier found everything once, in order and unchanged
 * @param more further figures by name
 */
record Result(String what, long messages, double seconds, double cpuMicros, double generatorMicros, long peakBytes, boolean complete,
        Map<String, Object> more) {
    static final String HEAD = """
            | what | messages/s | CPU us/message | generator us/message | peak MB | complete | more |
            |---|---|---|---|---|---|---|""";

    double rate() {
        return messages / seconds;
    }

    String row() {
        return String.format(Locale.ROOT, "| %s | %,.0f | %.3f | %.3f | %.0f | %s | %s |", what, rate(), cpuMicros, generatorMicros,
                peakBytes / 1e6, complete ? "yes" : "**NO**", words());
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("what", what);
        json.put("messages", messages);
        json.put("seconds", seconds);
        json.put("messagesPerSecond", rate());
        json.put("cpuMicrosPerMessage", cpuMicros);
        json.put("generatorMicrosPerMessage", generatorMicros);
        json.put("peakResidentBytes", peakBytes);
        json.put("complete", complete);
        json.putAll(more);
        return json;
    }

    /** The run whose rate is in the middle. */
    static Result median(List<Result> results) {
        return results.stream().sorted((a, b) -> Double.compare(a.rate(), b.rate())).toList().get(results.size() / 2);
    }

    private String words() {
        StringBuilder words = new StringBuilder();
        more.forEach((name, value) -> words.append(words.isEmpty() ? "" : ", ").append(name).append(' ')
                .append(value instanceof Double number ? String.format(Locale.ROOT, "%.3f", number) : value));
        return words.toString();
    }
}
