package io.monitoringhub.benchmarks.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process' heap as its JVM tells it. Immutable.
 *
 * @param committedBytes reserved
 * @param usedBytes in use, garbage included
 */
public record Heap(long committedBytes, long usedBytes) {
    private static final Pattern SIZES = Pattern.compile("total (?:reserved \\d+K, committed )?(\\d+)K, used (\\d+)K");

    /** Asks it; empty if it is none of ours or jcmd is not there. */
    public static Optional<Heap> of(long pid) throws InterruptedException {
        return read(jcmd(pid, "GC.heap_info"));
    }

    /** The same after a full collection: little but what is alive. Stops the process for a moment. */
    public static Optional<Heap> alive(long pid) throws InterruptedException {
        jcmd(pid, "GC.run");
        return of(pid);
    }

    private static String jcmd(long pid, String command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid),
                    command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(10, TimeUnit.SECONDS);
            return text;
        } catch (IOException noJcmd) {
            return "";
        }
    }

    static Optional<Heap> read(String text) {
        Matcher sizes = SIZES.matcher(text);
        long committed = 0;
        long used = 0;
        while (sizes.find()) {
            committed += Long.parseLong(sizes.group(1));
            used += Long.parseLong(sizes.group(2));
        }
        return committed == 0 ? Optional.empty() : Optional.of(new Heap(committed * 1024, used * 1024));
    }
}
