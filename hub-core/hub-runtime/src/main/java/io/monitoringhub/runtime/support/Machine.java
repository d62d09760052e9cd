package io.monitoringhub.runtime.support;

import io.monitoringhub.command.Json;
import java.io.File;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Java, the operating system and the disk, as figures. Has no state. */
final class Machine {

    private static final int MOST_FILES = 3_000;
    private static final int DEPTH = 4;

    private Machine() {
    }

    static Map<String, Object> java() {
        RuntimeMXBean java = ManagementFactory.getRuntimeMXBean();
        return Json.map("java", System.getProperty("java.runtime.version"), "vendor", System.getProperty("java.vendor"),
                "vm", java.getVmName(), "os", System.getProperty("os.name") + " " + System.getProperty("os.version"),
                "arch", System.getProperty("os.arch"), "processors", Runtime.getRuntime().availableProcessors(),
                "pid", java.getPid(), "up_seconds", java.getUptime() / 1000, "arguments", java.getInputArguments(),
                "locale", System.getProperty("user.language"), "encoding", System.getProperty("file.encoding"),
                "time_zone", TimeZone.getDefault().getID());
    }

    static Map<String, Object> memory() {
        return Json.map("heap", usage(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage()),
                "other", usage(ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage()),
                "pools", ManagementFactory.getMemoryPoolMXBeans().stream().filter(MemoryPoolMXBean::isValid)
                        .map(pool -> Json.map("name", pool.getName(), "usage", usage(pool.getUsage()))).toList(),
                "collectors", ManagementFactory.getGarbageCollectorMXBeans().stream().map(Machine::collector).toList(),
                "threads", ManagementFactory.getThreadMXBean().getThreadCount(),
                "classes", ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }

    private static Map<String, Object> usage(MemoryUsage usage) {
        return Json.map("used_bytes", usage.getUsed(), "committed_bytes", usage.getCommitted(), "max_bytes", usage.getMax());
    }

    private static Map<String, Object> collector(GarbageCollectorMXBean collector) {
        return Json.map("name", collector.getName(), "count", collector.getCollectionCount(), "time_ms", collector.getCollectionTime());
    }

    static String threads() {
        ThreadInfo[] all = ManagementFactory.getThreadMXBean().dumpAllThreads(true, true);
        return Arrays.stream(all).map(Machine::thread).collect(Collectors.joining("\n"));
    }

    /** {@link ThreadInfo#toString} stops after eight frames. */
    private static String thread(ThreadInfo thread) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT,
                "\"%s\" id=%d %s", thread.getThreadName(), thread.getThreadId(), thread.getThreadState()));
        if (thread.getLockName() != null) {
            text.append(" on ").append(thread.getLockName());
        }
        if (thread.getLockOwnerName() != null) {
            text.append(" held by \"").append(thread.getLockOwnerName()).append('"');
        }
        Arrays.stream(thread.getStackTrace()).forEach(frame -> text.append("\n    at ").append(frame));
        return text.append('\n').toString();
    }

    /** What the kernel says of a process; empty where there is none, or no Linux. */
    static String process(String pid) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String file : List.of("limits", "status")) {
            Path path = Path.of("/proc", pid, file);
            if (Files.isReadable(path)) {
                text.append("== ").append(path).append('\n').append(Files.readString(path));
            }
        }
        return text.toString();
    }

    static Map<String, Object> disk(Path folder) {
        File sizes = folder.toFile();
        return Json.map("folder", folder, "file_system", fileSystem(folder), "total_bytes", sizes.getTotalSpace(), "usable_bytes", sizes.getUsableSpace());
    }

    private static String fileSystem(Path folder) {
        try {
            return Files.getFileStore(folder).type();
        } catch (IOException e) { // in a root that is no mount Java finds none, but the sizes are there
            return "unknown: " + e.getMessage();
        }
    }

    /** Names and sizes. */
    static String files(Path folder) throws IOException {
        try (Stream<Path> files = Files.find(folder, DEPTH, (path, attributes) -> attributes.isRegularFile())) {
            return files.limit(MOST_FILES).sorted().map(path -> String.format(Locale.ROOT, "%12d  %s", path.toFile().length(), folder.relativize(path)))
                    .collect(Collectors.joining("\n", folder + "\n", "\n"));
        }
    }
}
