package io.monitoringhub.sdk;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Turns records of a logging library into events: what its handlers and appenders have in common. It never throws. Left out are records of this SDK's own
 * threads, and those made while another one is being turned into an event: what they would send would make new ones. Thread-safe.
 */
public final class LogForwarder {

    private static final String OURS = "monitoring-sdk-";
    private static final int MOST_FRAMES = 60;
    private static final int MOST_CAUSES = 10;
    private static final ThreadLocal<Boolean> INSIDE = new ThreadLocal<>();

    private final MonitoringSdk sdk;

    /** Forwards to this SDK, which stays its maker's to close. */
    public LogForwarder(MonitoringSdk sdk) {
        this.sdk = sdk;
    }

    /** An event of this level. {@code message} and {@code context} are asked at once, in this thread; what they throw becomes a remark. */
    public void forward(String level, Supplier<String> message, Consumer<Map<String, Object>> context) {
        if (INSIDE.get() != null || Thread.currentThread().getName().startsWith(OURS)) {
            return;
        }
        INSIDE.set(true);
        try {
            Map<String, Object> members = new LinkedHashMap<>();
            String text;
            try {
                context.accept(members);
                text = message.get();
            } catch (RuntimeException | StackOverflowError | LinkageError e) {
                // Code of the application: what it logs is written by its own methods.
                text = "[unreadable message: " + e.getClass().getName() + "]";
            }
            sdk.logEvent(level, text, members);
        } finally {
            INSIDE.remove();
        }
    }

    /** An exception as text, with its causes; very long ones are cut. */
    public static String text(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        Throwable each = thrown;
        for (int i = 0; each != null && i < MOST_CAUSES; i++) {
            text.append(i == 0 ? "" : "Caused by: ").append(each);
            StackTraceElement[] frames = each.getStackTrace();
            for (int f = 0; f < Math.min(frames.length, MOST_FRAMES); f++) {
                text.append("\n\tat ").append(frames[f]);
            }
            text.append(frames.length > MOST_FRAMES ? "\n\t... " + (frames.length - MOST_FRAMES) + " more\n" : "\n");
            each = each.getCause();
        }
        return text.toString();
    }
}
