package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

import io.monitoringhub.log.files.DiskFiles;

/**
 * Looks into a log's folder without opening the log and without changing anything. Meant for a hub that is stopped; with one that runs, the
 * end of the newest segment can look unfinished. Immutable.
 */
public final class LogTool {

    /** Everything is as it should be. */
    public static final int OK = 0;
    /** Damage was found. */
    public static final int DAMAGED = 1;
    /** The arguments are wrong. */
    public static final int USAGE = 2;
    /** The folder can't be read. */
    public static final int FAILED = 3;

    private static final String HELP = """
            verify <folder>                       check every frame of every segment and every cursor
            dump <folder> [text|hex] [from [to]]  list frames, with their payload if wanted, that hold offsets from .. to
            cursors <folder>                      list the positions of all cursors
            """;

    private final PrintStream out;

    /** @param out where everything goes, errors too */
    public LogTool(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs one command.
     *
     * @return the exit code: {@link #OK}, {@link #DAMAGED}, {@link #USAGE} or {@link #FAILED}
     */
    public int run(List<String> arguments) {
        if (arguments.size() < 2) {
            return usage();
        }
        LogInspection inspection = new LogInspection(new DiskFiles(), Path.of(arguments.get(1)), out);
        try {
            return switch (arguments.get(0)) {
                case "verify" -> arguments.size() == 2 ? outcome(inspection.verify()) : usage();
                case "cursors" -> arguments.size() == 2 ? outcome(inspection.cursors()) : usage();
                case "dump" -> dump(inspection, arguments.subList(2, arguments.size()));
                default -> usage();
            };
        } catch (NumberFormatException e) {
            return usage();
        } catch (IOException e) {
            out.println("cannot read the log in " + arguments.get(1) + ": " + e);
            return FAILED;
        }
    }

    private int dump(LogInspection inspection, List<String> options) throws IOException {
        boolean hasPayload = !options.isEmpty() && (options.get(0).equals("text") || options.get(0).equals("hex"));
        List<String> range = hasPayload ? options.subList(1, options.size()) : options;
        if (range.size() > 2) {
            return usage();
        }
        long from = range.isEmpty() ? 0 : Long.parseLong(range.get(0));
        long to = range.size() < 2 ? Long.MAX_VALUE : Long.parseLong(range.get(1));
        return outcome(inspection.dump(hasPayload ? options.get(0) : "", from, to));
    }

    private int usage() {
        out.print(HELP);
        return USAGE;
    }

    private static int outcome(boolean isWhole) {
        return isWhole ? OK : DAMAGED;
    }
}
