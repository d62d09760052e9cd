package io.monitoringhub.benchmarks.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process has cost until now, from Linux' /proc. Immutable.
 *
 * @param cpuSeconds user and system time of all its threads
 * @param residentBytes now
 * @param peakResidentBytes at most since it started
 */
public record ProcessCost(double cpuSeconds, long residentBytes, long peakResidentBytes) {
    /** Linux counts /proc/PID/stat in hundredths of a second on every architecture (USER_HZ). */
    private static final double TICKS_PER_SECOND = 100;

    /** Reads it. */
    public static ProcessCost of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        String stat = Files.readString(process.resolve("stat"));
        // The name in brackets may hold blanks; behind it utime and stime are the 12th and 13th field.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        String status = Files.readString(process.resolve("status"));
        return new ProcessCost((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND, kilobytes(status, "VmRSS"),
                kilobytes(status, "VmHWM"));
    }

    private static long kilobytes(String status, String name) {
        Matcher line = Pattern.compile(name + ":\\s+(\\d+) kB").matcher(status);
        return line.find() ? Long.parseLong(line.group(1)) * 1024 : 0;
    }
}
