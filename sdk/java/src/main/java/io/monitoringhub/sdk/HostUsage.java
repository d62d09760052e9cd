package io.monitoringhub.sdk;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this process uses. What the system doesn't tell is left out. Thread-safe. */
final class HostUsage {

    private static final double MB = 1_048_576;
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+([0-9]+) kB");
    private static final Pattern READ = Pattern.compile("\nread_bytes: ([0-9]+)");
    private static final Pattern WRITTEN = Pattern.compile("\nwrite_bytes: ([0-9]+)");
    private static final Pattern INTERFACE = Pattern.compile("(?m)^\\s*([^:|\\s]+):\\s*([0-9]+)(?:\\s+[0-9]+){7}\\s+([0-9]+)");

    private final Object lock = new Object();
    private long cpuNanos;
    private long atNanos = System.nanoTime();

    /** Per cent of one core since the previous call, the first time since this was made. */
    OptionalDouble cpu() {
        long used = ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(-1L);
        long now = System.nanoTime();
        synchronized (lock) {
            long spent = used - cpuNanos;
            long wall = now - atNanos;
            cpuNanos = used;
            atNanos = now;
            return used < 0 || wall <= 0 ? OptionalDouble.empty() : rounded(100.0 * Math.max(0, spent) / wall);
        }
    }

    /** Resident memory in MB. */
    OptionalDouble memory() {
        Matcher matcher = RESIDENT.matcher(text("/proc/self/status"));
        return matcher.find() ? rounded(Long.parseLong(matcher.group(1)) / 1_024.0) : OptionalDouble.empty();
    }

    /** MB that this process has read from and written to disks. */
    OptionalDouble disk() {
        String text = text("/proc/self/io");
        Matcher read = READ.matcher(text);
        Matcher written = WRITTEN.matcher(text);
        return read.find() && written.find() ? rounded((Double.parseDouble(read.group(1)) + Double.parseDouble(written.group(1))) / MB)
                : OptionalDouble.empty();
    }

    /** MB that went through the interfaces that this process sees, without loopback: the kernel doesn't count them for a process. */
    OptionalDouble network() {
        Matcher matcher = INTERFACE.matcher(text("/proc/net/dev"));
        double bytes = 0;
        boolean seen = false;
        while (matcher.find()) {
            seen = true;
            if (!matcher.group(1).equals("lo")) {
                bytes += Double.parseDouble(matcher.group(2)) + Double.parseDouble(matcher.group(3));
            }
        }
        return seen ? rounded(bytes / MB) : OptionalDouble.empty();
    }

    private static OptionalDouble rounded(double value) {
        return OptionalDouble.of(Math.round(value * 100) / 100.0);
    }

    /** Not through a channel: an interrupted thread of the application would close it. */
    private static String text(String path) {
        try (FileInputStream in = new FileInputStream(path)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException notLinux) {
            return "";
        }
    }
}
