import io.monitoringhub.sdk.MonitoringSdk;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.logging.FileHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** The calls that sdk/benchmarks/run times, in Java: prints what each took in nanoseconds. sdk/benchmarks/README.md says with which arguments. Used by one thread. */
public final class Calls {

    private final int warmUp;
    private final int burst;
    private final int paced;
    private final long pauseNanos;

    private Calls(String[] arguments) {
        warmUp = Integer.parseInt(arguments[1]);
        burst = Integer.parseInt(arguments[2]);
        paced = Integer.parseInt(arguments[3]);
        pauseNanos = Long.parseLong(arguments[4]) * 1_000;
    }

    /** Measures. */
    public static void main(String[] arguments) throws IOException {
        Calls calls = new Calls(arguments);
        if (arguments[0].equals("logger")) {
            calls.logger(arguments[5]);
        } else {
            calls.sdk(arguments[0].equals("resource"));
        }
    }

    private void logger(String file) throws IOException {
        FileHandler handler = new FileHandler(file);
        handler.setFormatter(new SimpleFormatter());
        Logger logger = Logger.getLogger("cost");
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
        System.out.println("with java.util.logging.FileHandler");
        measure(Map.of("event", n -> logger.log(Level.INFO, "Job started job_id={0} attempt={1}", new Object[] {"12345", n})), () -> { });
        handler.close();
    }

    private void sdk(boolean resourcesOnly) {
        MonitoringSdk sdk = MonitoringSdk.builder().source("cost-java").closeTimeout(Duration.ofSeconds(2)).build();
        Map<String, IntConsumer> kinds = new LinkedHashMap<>();
        if (resourcesOnly) {
            kinds.put("resource", n -> sdk.logResource());
        } else {
            kinds.put("event", n -> sdk.logEvent("info", "Job started", Map.of("job_id", "12345", "attempt", n)));
            kinds.put("span", n -> sdk.endSpan(sdk.startSpan("step")));
        }
        measure(kinds, () -> sdk.flush(Duration.ofSeconds(2)));
        sdk.close();
        System.out.printf(Locale.ROOT, "acked %d%ndropped %d%n", sdk.stats().acked(), sdk.stats().dropped());
    }

    /** A burst of each kind, then all in turn with pauses. */
    private void measure(Map<String, IntConsumer> kinds, Runnable settle) {
        for (int n = 0; n < warmUp; n++) {
            for (IntConsumer call : kinds.values()) {
                timed(call, n);
            }
        }
        settle.run();
        kinds.forEach((name, call) -> {
            long[] took = new long[burst];
            for (int n = 0; n < burst; n++) {
                took[n] = timed(call, n);
            }
            report("burst " + name, took);
            settle.run();
        });
        Map<String, long[]> took = new LinkedHashMap<>();
        kinds.keySet().forEach(name -> took.put(name, new long[paced]));
        for (int n = 0; n < paced; n++) {
            for (Map.Entry<String, IntConsumer> kind : kinds.entrySet()) {
                took.get(kind.getKey())[n] = timed(kind.getValue(), n);
                LockSupport.parkNanos(pauseNanos);
            }
        }
        took.forEach((name, times) -> report("paced " + name, times));
    }

    private static long timed(IntConsumer call, int n) {
        long start = System.nanoTime();
        call.accept(n);
        return System.nanoTime() - start;
    }

    private static void report(String name, long[] took) {
        StringJoiner line = new StringJoiner(" ").add(name);
        for (long nanos : took) {
            line.add(Long.toString(nanos));
        }
        System.out.println(line);
    }
}
