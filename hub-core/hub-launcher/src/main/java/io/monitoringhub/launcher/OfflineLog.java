package io.monitoringhub.launcher;

import io.monitoringhub.command.Arguments;
import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Json;
import io.monitoringhub.log.segmented.LogTool;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code hub log ...}: hands over to the log library's own inspector, which {@code bin/hub} puts on the class path for this command only.
 *
 * <p>Immutable.
 */
final class OfflineLog {

    private static final Pattern CURSOR = Pattern.compile("cursor (.+) at (\\d+), (\\d+) bytes of state");

    private final HubPaths paths;

    OfflineLog(HubPaths paths) {
        this.paths = paths;
    }

    int run(Arguments arguments) {
        List<String> words = withFolder(arguments.words());
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        PrintStream out = arguments.wantsJson() ? new PrintStream(kept, false, StandardCharsets.UTF_8) : System.out;
        int code = switch (new LogTool(out).run(words)) {
            case LogTool.OK -> ExitCode.OK;
            case LogTool.DAMAGED -> ExitCode.FAILED;
            case LogTool.USAGE -> ExitCode.USAGE;
            default -> ExitCode.UNAVAILABLE;
        };
        if (arguments.wantsJson()) {
            out.flush();
            printJson(kept.toString(StandardCharsets.UTF_8), code);
        }
        return code;
    }

    /** The inspector is a library that prints; its lines about cursors and segments are taken apart, what it says of frames stays a line. */
    private static void printJson(String text, int code) {
        if (code == ExitCode.USAGE || code == ExitCode.UNAVAILABLE) {
            System.err.println(Json.error(code, text.strip()));
            return;
        }
        List<Object> cursors = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        text.lines().forEach(line -> {
            Matcher cursor = CURSOR.matcher(line);
            if (cursor.matches()) {
                cursors.add(Json.map("name", cursor.group(1), "position", Long.valueOf(cursor.group(2)), "state_bytes", Long.valueOf(cursor.group(3))));
            } else {
                lines.add(line);
            }
        });
        System.out.println(Json.text(Json.map("damaged", code == ExitCode.FAILED, "cursors", cursors, "lines", lines)));
    }

    /** The inspector wants to be told the folder; people mostly mean this hub's. */
    private List<String> withFolder(List<String> words) {
        if (words.size() > 1 && Files.isDirectory(Path.of(words.get(1)))) {
            return words;
        }
        List<String> complete = new ArrayList<>(words);
        complete.add(1, paths.data().resolve("log").toString());
        return complete;
    }
}
