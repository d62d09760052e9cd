package io.monitoringhub.benchmarks.message;

import java.util.List;

/** The words in the messages: five types as eight services would send them. Immutable. */
final class MessageText {
    private static final List<String> SOURCES = List.of("queue-service", "config-service", "auth-service", "billing-service",
            "ingest-worker", "report-builder", "nightly-import", "web-frontend");
    private static final List<String> LEVELS = List.of("info", "debug", "info", "warn", "info", "error", "info", "info");
    // One escape and one character outside ASCII, because real messages have them and a scanner's fast path may not.
    private static final List<String> SAYINGS = List.of("job handed to worker", "settings were reloaded", "login of \\\"anna\\\" ok",
            "payment is slow today", "batch read from spool", "Bericht für März fehlt", "table loaded completely", "page served in time");
    private static final List<String> METRICS = List.of("queue.depth", "config.age", "auth.rate", "billing.lag", "ingest.bytes",
            "report.size", "import.rows", "web.latency");
    private static final List<String> UNITS = List.of("jobs", "s", "1/s", "ms", "bytes", "pages", "rows", "ms");
    private static final List<String> SPANS = List.of("enqueue", "load-file", "check-token", "charge-card", "parse-batch",
            "render-page", "copy-rows", "GET /status");

    private MessageText() {
    }

    /** The pattern of a message, see {@link MessageLayout}. */
    static String of(int type, int source) {
        String start = "{\"v\":1,\"src\":\"" + SOURCES.get(source) + "\",\"ts\":#TIME#,\"type\":";
        return start + switch (type) {
            case 0 -> event(source);
            case 1 -> metric(source);
            case 2 -> progress(source);
            case 3 -> resource(source);
            default -> span(source);
        } + ",\"bench\":1#CONN##NUMBER#}}";
    }

    private static String event(int source) {
        return "\"event\",\"tid\":\"t-#CONN#-#GROUP#\",\"data\":{\"level\":\"" + LEVELS.get(source) + "\",\"msg\":\""
                + SAYINGS.get(source) + "\",\"ctx\":{\"job_id\":\"j-#CONN#\",\"try\":" + (1 + source) + "}";
    }

    private static String metric(int source) {
        return "\"metric\",\"data\":{\"name\":\"" + METRICS.get(source) + "\",\"value\":" + (source * 118 + 11) + ".25,\"unit\":\""
                + UNITS.get(source) + "\",\"tags\":{\"host\":\"node-0" + source + "\",\"zone\":\"eu-west-1b\",\"pool\":\"default\"}";
    }

    private static String progress(int source) {
        return "\"progress\",\"data\":{\"job_id\":\"j-#CONN#-#GROUP#\",\"percent\":" + (source * 12.5)
                + ",\"status\":\"reading input files, step " + (source + 1) + " of 8\"";
    }

    private static String resource(int source) {
        return "\"resource\",\"data\":{\"cpu\":" + (source * 9 + 4) + ".5,\"mem\":" + (source * 512 + 100)
                + ".75,\"disk\":20480,\"net\":" + (source * 3 + 1) + ".125,\"threads\":" + (source + 40)
                + ",\"open_files\":311,\"load1\":0.75";
    }

    private static String span(int source) {
        return "\"span\",\"tid\":\"t-#CONN#-#GROUP#\",\"sid\":\"s-#CONN#-#NUMBER#\",\"data\":{\"name\":\"" + SPANS.get(source)
                + "\",\"start\":#TIME#,\"end\":#TIME#,\"status\":\"ok\",\"tags\":{}";
    }
}
