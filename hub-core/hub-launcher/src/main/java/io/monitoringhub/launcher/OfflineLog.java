package io.monitoringhub.launcher;

import io.monitoringhub.log.segmented.LogTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code hub log ...}: hands over to the log library's own inspector, which {@code bin/hub} puts on the class path for this command only.
 *
 * <p>Immutable.
 */
final class OfflineLog {

    private final HubPaths paths;

    OfflineLog(HubPaths paths) {
        this.paths = paths;
    }

    int run(List<String> arguments) {
        int code = new LogTool(System.out).run(withFolder(arguments));
        return switch (code) {
            case LogTool.USAGE -> ExitCode.USAGE;
            case LogTool.FAILED -> ExitCode.UNAVAILABLE;
            default -> code;
        };
    }

    /** The inspector wants to be told the folder; people mostly mean this hub's. */
    private List<String> withFolder(List<String> arguments) {
        boolean isNamed = arguments.size() > 1 && Files.isDirectory(Path.of(arguments.get(1)));
        if (arguments.isEmpty() || isNamed) {
            return arguments;
        }
        List<String> complete = new ArrayList<>(arguments);
        complete.add(1, paths.data().resolve("log").toString());
        return complete;
    }
}
