package io.monitoringhub.sdk;

import io.monitoringhub.sdk.internal.ProcFile;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this process uses, from /proc. What the system doesn't tell is left out. Thread-safe. */
final class HostUsage {

    /** So many threads are asked for their children within a call: each costs some microseconds. */
    static final int FEW_THREADS = 16;
    private static final double MB = 1_048_576;
    private static final double TICKS_PER_SECOND = 100;
    private static final int UTIME = 11;
    private static final Pattern RESIDENT = Pattern.compile("\nVmRSS:\\s+([0-9]+) kB");
    private static final Pattern THREADS = Pattern.compile("\nThreads:\\s+([0-9]+)");
    private static final Pattern READ = Pattern.compile("\nread_bytes: ([0-9]+)");
    private static final Pattern WRITTEN = Pattern.compile("\nwrite_bytes: ([0-9]+)");
    private static final Pattern INTERFACE = Pattern.compile("(?m)^\\s*([^:|\\s]+):\\s*([0-9]+)(?:\\s+[0-9]+){7}\\s+([0-9]+)");

    private final Object lock = new Object();
    private double cpuSeconds = cpuSeconds();
    private long atNanos = System.nanoTime();

    /**
     * Per cent and MB, measured where null or no finite number; all numbers that there are, if all four are null. {@code more} is there as it is, but
     * for what is no finite number.
     */
    Map<String, Double> numbers(Number cpu, Number mem, Number disk, Number net, Map<String, ? extends Number> more, int mostThreads) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        String status = mem == null ? ProcFile.text("/proc/self/status") : "";
        put(numbers, "cpu", cpu, this::cpu);
        put(numbers, "mem", mem, () -> memory(status));
        put(numbers, "disk", disk, this::disk);
        put(numbers, "net", net, this::network);
        if (cpu == null && mem == null && disk == null && net == null) {
            counts(numbers, status, mostThreads);
        }
        if (more != null) {
            more.forEach((name, value) -> put(numbers, String.valueOf(name), value, OptionalDouble::empty));
        }
        return numbers;
    }

    private static void put(Map<String, Double> numbers, String name, Number given, Supplier<OptionalDouble> measured) {
        boolean isGiven = given != null && Double.isFinite(given.doubleValue());
        OptionalDouble value = isGiven ? OptionalDouble.of(given.doubleValue()) : measured.get();
        value.ifPresent(number -> numbers.put(name, number));
    }

    /** Per cent of one core since the previous call, the first time since this was made. */
    private OptionalDouble cpu() {
        double used = cpuSeconds();
        long now = System.nanoTime();
        synchronized (lock) {
            double spent = used - cpuSeconds;
            double wall = (now - atNanos) / 1e9;
            cpuSeconds = used;
            atNanos = now;
            return used < 0 || wall <= 0 ? OptionalDouble.empty() : rounded(100 * Math.max(0, spent) / wall);
        }
    }

    /** Of all threads since the process began; below 0 where the system doesn't tell. */
    private static double cpuSeconds() {
        String stat = ProcFile.text("/proc/self/stat");
        // The program's name may hold spaces and brackets.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ", UTIME + 3);
        return fields.length < UTIME + 2 ? -1 : (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) / TICKS_PER_SECOND;
    }

    private static OptionalDouble memory(String status) {
        Matcher matcher = RESIDENT.matcher(status.isEmpty() ? ProcFile.text("/proc/self/status") : status);
        return matcher.find() ? rounded(Long.parseLong(matcher.group(1)) / 1_024.0) : OptionalDouble.empty();
    }

    /** MB that this process has read from and written to disks. */
    private OptionalDouble disk() {
        String text = ProcFile.text("/proc/self/io");
        Matcher read = READ.matcher(text);
        Matcher written = WRITTEN.matcher(text);
        return read.find() && written.find() ? rounded((Double.parseDouble(read.group(1)) + Double.parseDouble(written.group(1))) / MB)
                : OptionalDouble.empty();
    }

    /** MB that went through the interfaces that this process sees, without loopback: the kernel doesn't count them for a process. */
    private OptionalDouble network() {
        Matcher matcher = INTERFACE.matcher(ProcFile.text("/proc/net/dev"));
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

    private static void counts(Map<String, Double> numbers, String status, int mostThreads) {
        Matcher threads = THREADS.matcher(status);
        if (threads.find()) {
            numbers.put("threads", Double.valueOf(threads.group(1)));
        }
        descriptors().ifPresent(count -> numbers.put("fds", count));
        children(mostThreads).ifPresent(count -> numbers.put("children", count));
        String[] loads = ProcFile.text("/proc/loadavg").split(" ");
        if (loads.length > 3) {
            numbers.put("load1", Double.valueOf(loads[0]));
            numbers.put("load5", Double.valueOf(loads[1]));
            numbers.put("load15", Double.valueOf(loads[2]));
        }
    }

    private static OptionalDouble descriptors() {
        File folder = new File("/proc/self/fd");
        // Since Linux 6.2 the folder's size is the number of descriptors; before, it is 0.
        long size = folder.length();
        if (size > 0) {
            return OptionalDouble.of(size);
        }
        String[] names = folder.list();
        return names == null ? OptionalDouble.empty() : OptionalDouble.of(names.length - 1);
    }

    /** The kernel keeps them by thread. A part of them would be a wrong number, so it is all or none. */
    private static OptionalDouble children(int mostThreads) {
        String[] threads = new File("/proc/self/task").list();
        if (threads == null || threads.length > mostThreads || !new File("/proc/self/task/" + threads[0] + "/children").exists()) {
            return OptionalDouble.empty();
        }
        int count = 0;
        for (String thread : threads) {
            String pids = ProcFile.text("/proc/self/task/" + thread + "/children").trim();
            count += pids.isEmpty() ? 0 : pids.split(" ").length;
        }
        return OptionalDouble.of(count);
    }

    private static OptionalDouble rounded(double value) {
        return OptionalDouble.of(Math.round(value * 100) / 100.0);
    }
}
