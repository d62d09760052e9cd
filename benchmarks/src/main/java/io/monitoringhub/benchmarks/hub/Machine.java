package io.monitoringhub.benchmarks.hub;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** In words what a figure was measured on. Immutable. */
public final class Machine {
    private Machine() {
    }

    /** Processor, memory, kernel, Java, and the disk below {@code folder}. */
    public static Map<String, Object> describe(Path folder) throws IOException {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("processor", find("/proc/cpuinfo", "model name\\s*:\\s*(.+)"));
        machine.put("cores", Runtime.getRuntime().availableProcessors());
        machine.put("memoryGiB", Math.round(Long.parseLong(find("/proc/meminfo", "MemTotal:\\s+(\\d+)")) / 1048576.0));
        machine.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        machine.put("disk", disk(folder));
        machine.put("loadAverage", find("/proc/loadavg", "(\\S+)"));
        return machine;
    }

    /** In a root that was changed into, the table of mounts does not fit what is there. */
    private static String disk(Path folder) {
        try {
            FileStore store = Files.getFileStore(folder);
            return store.name() + " (" + store.type() + ")";
        } catch (IOException notInTheTableOfMounts) {
            return "unknown";
        }
    }

    private static String find(String file, String pattern) throws IOException {
        Matcher found = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
        return found.find() ? found.group(1).strip() : "0";
    }
}
