package io.monitoringhub.launcher;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where every thread stands, for the message about a stop that hangs.
 *
 * <p>Immutable.
 */
final class ThreadStates {

    private static final int FRAMES = 12;

    private ThreadStates() {
    }

    static String describe() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getValue().length > 0)
                .map(ThreadStates::describe)
                .collect(Collectors.joining("\n", "Threads:\n", ""));
    }

    private static String describe(Map.Entry<Thread, StackTraceElement[]> thread) {
        return Arrays.stream(thread.getValue())
                .limit(FRAMES)
                .map(frame -> "    at " + frame)
                .collect(Collectors.joining("\n", thread.getKey().getName() + " " + thread.getKey().getState() + "\n", ""));
    }
}
