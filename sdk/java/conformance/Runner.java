import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.Protocol;
import io.monitoringhub.sdk.SdkBuilder;
import io.monitoringhub.sdk.Stats;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Plays calls for the conformance suite: conformance/README.md says how. Used by one thread. */
final class Runner {

    private MonitoringSdk sdk;

    public static void main(String[] arguments) throws Exception {
        Runner runner = new Runner();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> request = new Json(line).object();
            Map<String, Object> args = map(request.getOrDefault("args", Map.of()));
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("ok", true);
            answer.put("result", runner.play((String) request.get("call"), args));
            System.out.println(json(answer));
        }
    }

    private Object play(String call, Map<String, Object> a) throws InterruptedException {
        switch (call) {
            case "new" -> sdk = make(a);
            case "log_event" -> sdk.logEvent(text(a, "level"), text(a, "message"), map(a.get("context")));
            case "log_metric" -> sdk.logMetric(text(a, "name"), (Number) a.get("value"), text(a, "unit"), map(a.get("tags")));
            case "log_progress" -> sdk.logProgress(text(a, "job_id"), number(a, "percent"), text(a, "status"));
            case "log_resource" -> sdk.logResource((Number) a.get("cpu"), (Number) a.get("mem"), (Number) a.get("disk"), (Number) a.get("net"));
            case "heartbeat" -> sdk.heartbeat();
            case "start_span" -> {
                return sdk.startSpan(text(a, "name"), text(a, "trace_id"));
            }
            case "end_span" -> sdk.endSpan(text(a, "span_id"), text(a, "status"), map(a.get("tags")));
            case "set_trace_id" -> sdk.setTraceId(text(a, "trace_id"));
            case "set_context" -> sdk.setContext(text(a, "key"), a.get("value"));
            case "start_job_analysis" -> sdk.startJobAnalysis(text(a, "job_id"), text(a, "name"), (int) number(a, "subjobs"), null);
            case "track_subjob" -> sdk.trackSubjob(text(a, "job_id"), text(a, "subjob_id"), text(a, "name"));
            case "end_subjob" -> sdk.endSubjob(text(a, "job_id"), text(a, "subjob_id"), text(a, "status"));
            case "end_job_analysis" -> sdk.endJobAnalysis(text(a, "job_id"), text(a, "status"));
            case "flush" -> {
                return sdk.flush(seconds(number(a, "timeout")));
            }
            case "close" -> sdk.close();
            case "stats" -> {
                return stats(sdk.stats());
            }
            case "burst" -> {
                return burst((int) number(a, "from"), (int) number(a, "to"));
            }
            case "huge" -> sdk.logEvent("info", "x".repeat((int) number(a, "bytes")), Map.of("text", "y".repeat((int) number(a, "bytes"))));
            case "bytes" -> bytes(text(a, "hex"));
            case "odd_values" -> {
                return oddValues();
            }
            case "threads" -> threads((int) number(a, "threads"), (int) number(a, "count"));
            case "flush_while_logging" -> {
                return flushWhileLogging(seconds(number(a, "timeout")));
            }
            default -> throw new IllegalArgumentException("unknown call " + call);
        }
        return null;
    }

    private static MonitoringSdk make(Map<String, Object> options) {
        SdkBuilder b = MonitoringSdk.builder();
        Duration least = Duration.ofMillis(100);
        Duration most = Duration.ofSeconds(30);
        for (Map.Entry<String, Object> option : options.entrySet()) {
            Object value = option.getValue();
            switch (option.getKey()) {
                case "source" -> b.source((String) value);
                case "host" -> b.host((String) value);
                case "port" -> b.port(((Number) value).intValue());
                case "token" -> b.token((String) value);
                case "tls" -> b.tls((Boolean) value);
                case "tls_ca" -> b.tlsCa(Path.of((String) value));
                case "protocol" -> b.protocol(Protocol.valueOf(((String) value).toUpperCase()));
                case "compress" -> b.compress((Boolean) value);
                case "buffer" -> b.bufferMessages(((Number) value).intValue());
                case "spool" -> b.spool((Boolean) value);
                case "spool_dir" -> b.spoolDirectory(Path.of((String) value));
                case "welcome_timeout" -> b.welcomeTimeout(seconds(value));
                case "close_timeout" -> b.closeTimeout(seconds(value));
                case "backoff_min" -> least = seconds(value);
                case "backoff_max" -> most = seconds(value);
                default -> throw new IllegalArgumentException("unknown option " + option.getKey());
            }
        }
        return b.backoff(least, most).build();
    }

    private int oddValues() {
        Map<String, Object> cyclic = new HashMap<>();
        cyclic.put("self", cyclic);
        List<Object> deep = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            deep = new ArrayList<>(List.of(deep));
        }
        Object strange = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException("no text");
            }
        };
        List<Object> values = Arrays.asList(null, Double.NaN, Double.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, "", cyclic, deep, strange, new Object(),
                "\ud800", "\u0000\u001f\u007f", new int[] {1, 2}, Long.MIN_VALUE, 'c', Collections.singletonMap(null, 1), Double.MIN_VALUE);
        for (Object value : values) {
            Number number = value instanceof Number given ? given : null;
            String text = value instanceof String given ? given : null;
            sdk.logEvent(text, text, Collections.singletonMap("value", value));
            sdk.logEvent("info", "context", Collections.singletonMap(text, Arrays.asList(value, value)));
            sdk.logMetric(text, number, text, Collections.singletonMap(text, value));
            sdk.logMetric("m", number);
            sdk.logProgress(text, number == null ? Double.NaN : number.doubleValue(), text);
            sdk.logResource(number, number, number, number);
            sdk.endSpan(sdk.startSpan(text, text), text, Collections.singletonMap(text, value));
        }
        return 8 * values.size();
    }

    private Map<String, Object> burst(int from, int to) {
        long start = System.nanoTime();
        long before = start;
        long slowest = 0;
        for (int n = from; n <= to; n++) {
            sdk.logEvent("info", Integer.toString(n));
            long now = System.nanoTime();
            slowest = Math.max(slowest, now - before);
            before = now;
        }
        return Map.of("seconds", (before - start) / 1e9, "slowest", slowest / 1e9);
    }

    /** A string of Java is never bytes; what it has instead is halves of surrogates. */
    private void bytes(String hex) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < hex.length(); i += 2) {
            int value = Integer.parseInt(hex.substring(i, i + 2), 16);
            text.append((char) (value < 0x80 ? value : 0xd800 + value));
        }
        sdk.logEvent("info", text.toString(), Map.of(text.toString(), text.toString()));
    }

    private void threads(int threads, int count) throws InterruptedException {
        List<Thread> running = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int thread = t;
            running.add(new Thread(() -> {
                for (int n = 0; n < count; n++) {
                    sdk.logEvent("info", thread + "." + n);
                }
            }, "runner-" + t));
        }
        running.forEach(Thread::start);
        for (Thread thread : running) {
            thread.join();
        }
    }

    private boolean flushWhileLogging(Duration timeout) throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread logging = new Thread(() -> {
            while (!done.get()) {
                for (int i = 0; i < 1_000; i++) {
                    sdk.logEvent("info", "on and on");
                }
                LockSupport.parkNanos(1_000_000);   // without a pause it is millions each second, more than the spool holds
            }
        }, "runner-on-and-on");
        logging.start();
        boolean result = sdk.flush(timeout);
        done.set(true);
        logging.join();
        return result;
    }

    private static Map<String, Object> stats(Stats s) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("state", s.state().name().toLowerCase());
        all.put("protocol", s.protocol());
        all.put("client", s.client());
        all.put("messages", s.messages());
        all.put("buffered", s.buffered());
        all.put("sent", s.sent());
        all.put("resent", s.resent());
        all.put("acked", s.acked());
        all.put("plain", s.plain());
        all.put("refused", s.refused());
        all.put("shortened", s.shortened());
        all.put("spooled", s.spooled());
        all.put("left_in_spool", s.leftInSpool());
        all.put("spool_files_sent", s.spoolFilesSent());
        all.put("connects", s.connects());
        all.put("dropped", s.dropped());
        all.put("last_error", s.lastError());
        return all;
    }

    private static String text(Map<String, Object> a, String name) {
        return (String) a.get(name);
    }

    private static double number(Map<String, Object> a, String name) {
        return ((Number) a.get(name)).doubleValue();
    }

    private static Duration seconds(Object value) {
        return Duration.ofNanos((long) (((Number) value).doubleValue() * 1e9));
    }

    @SuppressWarnings("unchecked") // Made by Json.
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> members = new ArrayList<>();
            map.forEach((key, member) -> members.add(json(key) + ":" + json(member)));
            return "{" + String.join(",", members) + "}";
        }
        if (!(value instanceof String text)) {
            return String.valueOf(value);
        }
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> out.append(c < 32 || c == '"' || c == '\\' || c > 126 ? String.format(Locale.ROOT, "\\u%04x", c) : Character.toString(c)));
        return out.append('"').toString();
    }

    /** Reads what the driver writes: one line of valid JSON. Used by one thread. */
    private static final class Json {

        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Map<String, Object> object() {
            return map(value());
        }

        private Object value() {
            switch (next()) {
                case '{' -> {
                    Map<String, Object> members = new LinkedHashMap<>();
                    for (char c = peek(); c != '}'; c = peek()) {
                        String key = (String) value();
                        next();
                        members.put(key, value());
                        skip(',');
                    }
                    next();
                    return members;
                }
                case '[' -> {
                    List<Object> items = new ArrayList<>();
                    for (char c = peek(); c != ']'; c = peek()) {
                        items.add(value());
                        skip(',');
                    }
                    next();
                    return items;
                }
                case '"' -> {
                    return string();
                }
                default -> {
                    return word();
                }
            }
        }

        private String string() {
            StringBuilder out = new StringBuilder();
            for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
                if (c != '\\') {
                    out.append(c);
                    continue;
                }
                char escaped = text.charAt(at++);
                if (escaped == 'u') {
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                } else {
                    int index = "nrtbf".indexOf(escaped);
                    out.append(index < 0 ? escaped : "\n\r\t\b\f".charAt(index));
                }
            }
            return out.toString();
        }

        private Object word() {
            int from = at - 1;
            while (at < text.length() && ",]} ".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(from, at);
            return switch (word) {
                case "null" -> null;
                case "true" -> true;
                case "false" -> false;
                default -> word.matches("-?[0-9]+") ? (Object) Long.parseLong(word) : (Object) Double.parseDouble(word);
            };
        }

        private char peek() {
            while (text.charAt(at) == ' ') {
                at++;
            }
            return text.charAt(at);
        }

        private char next() {
            char c = peek();
            at++;
            return c;
        }

        private void skip(char optional) {
            if (peek() == optional) {
                at++;
            }
        }
    }
}
