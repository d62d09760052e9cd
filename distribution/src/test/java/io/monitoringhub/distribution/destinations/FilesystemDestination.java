package io.monitoringhub.distribution.destinations;

import io.monitoringhub.benchmarks.message.MessageCheck;
import io.monitoringhub.distribution.EventFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Files; the disk takes the place of a server, and nothing happens to it. */
final class FilesystemDestination implements Destination {

    private static final long MARKED = 100_000_000_000_000_000L;

    private Path folder;

    @Override
    public String type() {
        return "filesystem";
    }

    @Override
    public void start(Path own) {
        folder = own.resolve("events");
    }

    @Override
    public String settings() {
        return "path: \"" + folder + "\"";
    }

    @Override
    public void kill() {
        // There is no server.
    }

    @Override
    public void restart() {
        // There is no server.
    }

    @Override
    public List<Long> held() {
        return EventFiles.lines(folder).stream().map(FilesystemDestination::number).toList();
    }

    /** The value of {@code bench}, whose leading 1 the check leaves out. */
    static long number(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return MARKED + MessageCheck.marker(bytes, 0, bytes.length);
    }

    @Override
    public void close() {
        // The folder is the test's.
    }
}
