package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.ExitCode;
import java.util.function.Consumer;

/**
 * What a command answers. Immutable.
 *
 * @param code the exit code
 * @param json maps, collections and values; see {@link io.monitoringhub.command.Json}
 * @param text the same for people
 */
record Answer(int code, Object json, Consumer<Screen> text) {

    static Answer ok(Object json, Consumer<Screen> text) {
        return new Answer(ExitCode.OK, json, text);
    }

    /** One sentence. */
    static Answer ok(Object json, String line) {
        return ok(json, screen -> screen.line(line));
    }
}
