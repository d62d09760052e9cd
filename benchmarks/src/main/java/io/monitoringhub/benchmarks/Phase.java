package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.load.LatencyHistogram;
import io.monitoringhub.benchmarks.load.LoadReport;
import java.util.LinkedHashMap;
import java.util.LongSummaryStatistics;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A stretch of a run with an outage. Immutable.
 *
 * @param name what happened in it
 * @param load what was sent and acknowledged
 * @param resident samples of the hub's resident memory, in bytes
 * @param heap samples of its used heap, garbage included, in bytes
 * @param alive its used heap after a full collection at the end, in bytes
 */
record Phase(String name, LoadReport load, LongSummaryStatistics resident, LongSummaryStatistics heap, OptionalLong alive) {
    static final String HEAD = """
            | phase | seconds | messages/s | ack ms p50 | p99 | p99.9 | max | resident MB | heap used MB | collected MB |
            |---|---|---|---|---|---|---|---|---|---|""";

    double rate() {
        return load.acked() / Math.max(1e-9, load.seconds());
    }

    String row() {
        LatencyHistogram acks = load.ackLatencies();
        return String.format(Locale.ROOT, "| %s | %.0f | %,.0f | %.2f | %.2f | %.2f | %.0f | %s | %s | %s |", name, load.seconds(), rate(),
                acks.millisAt(0.5), acks.millisAt(0.99), acks.millisAt(0.999), acks.maxNanos() / 1e6, range(resident), range(heap), collected());
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("phase", name);
        json.put("seconds", load.seconds());
        json.put("acknowledged", load.acked());
        json.put("messagesPerSecond", rate());
        json.put("ackMillisP50", load.ackLatencies().millisAt(0.5));
        json.put("ackMillisP99", load.ackLatencies().millisAt(0.99));
        json.put("ackMillisP999", load.ackLatencies().millisAt(0.999));
        json.put("ackMillisMax", load.ackLatencies().maxNanos() / 1e6);
        json.put("residentMB", range(resident));
        json.put("heapUsedMB", range(heap));
        json.put("heapCollectedMB", collected());
        return json;
    }

    private String collected() {
        return alive.isPresent() ? String.format(Locale.ROOT, "%.0f", alive.getAsLong() / 1e6) : "?";
    }

    private static String range(LongSummaryStatistics samples) {
        return samples.getCount() == 0 ? "?" : String.format(Locale.ROOT, "%.0f to %.0f", samples.getMin() / 1e6, samples.getMax() / 1e6);
    }
}
