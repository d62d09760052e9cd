package io.monitoringhub.command;

import java.util.List;

/**
 * What a command tells its caller; the numbers of sysexits.h where one fits, and those of the Linux Standard Base for {@code status}.
 *
 * <p>Immutable.
 */
public final class ExitCode {

    /** Done. */
    public static final int OK = 0;
    /** A command was understood, ran, and failed. */
    public static final int FAILED = 1;
    /** {@code status}: not running. {@code check}: something is not as it should be. */
    public static final int NOT_RUNNING = 3;
    /** {@code status}: running, but not (yet) ready, or not ours to look at. */
    public static final int UNKNOWN = 4;
    /** Wrong words. */
    public static final int USAGE = 64;
    /** Nobody answers. */
    public static final int UNAVAILABLE = 69;
    /** A fault of the hub. */
    public static final int INTERNAL = 70;
    /** The runtime could not open its log; a file can't be written. */
    public static final int CANNOT_CREATE = 73;
    /** All shell connections are in use. */
    public static final int BUSY = 75;
    /** The configuration can't be used. */
    public static final int CONFIG = 78;

    private static final List<Meaning> MEANINGS = List.of(
            new Meaning(OK, "done; `status`: ready; `stop`: stopped, or nothing to stop"),
            new Meaning(FAILED, "the command failed: what it says is why; `log verify`: damage found"),
            new Meaning(NOT_RUNNING, "`status`: not running. `check`: a bundle or plugin is not well. A hub that ended with 3 ran out of memory:"
                    + " heap dump in `logs/`"),
            new Meaning(UNKNOWN, "`status`: running, not ready"),
            new Meaning(USAGE, "wrong words: no such command, option or argument"),
            new Meaning(65, "`convert`: the file is not in the older layout"),
            new Meaning(66, "`convert`: the file can't be read"),
            new Meaning(UNAVAILABLE, "not available: no or too old Java, a hub runs already on this data, none answers, not ready in time"
                    + " (`start`: it goes on starting), log folder not readable"),
            new Meaning(INTERNAL, "internal fault: read `logs/hub.log`; also when a stop took more than two minutes"),
            new Meaning(CANNOT_CREATE, "the log can't be opened, or a file can't be written"),
            new Meaning(BUSY, "all eight shell connections are in use"),
            new Meaning(CONFIG, "configuration: file unreadable or wrong, no plugins folder, data folder not writable"));

    private ExitCode() {
    }

    /** One code. Immutable. */
    public record Meaning(int code, String text) {
    }

    /** All codes, for the documentation. */
    public static List<Meaning> meanings() {
        return MEANINGS;
    }
}
