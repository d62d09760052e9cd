package io.monitoringhub.launcher;

import java.lang.reflect.InvocationTargetException;
import java.util.List;

/**
 * {@code hub log ...}: hands over to the log library's own inspector, which {@code bin/hub} puts on the class path for this command only.
 *
 * <p>Immutable.
 */
final class OfflineLog {

    private static final String TOOL = "io.monitoringhub.log.tool.LogTool";

    private OfflineLog() {
    }

    static int run(List<String> arguments) throws ExitException {
        try {
            Class<?> tool = Class.forName(TOOL);
            tool.getMethod("main", String[].class).invoke(null, (Object) arguments.toArray(String[]::new));
            return ExitCode.OK;
        } catch (InvocationTargetException e) {
            throw new ExitException(ExitCode.FAILED, "log: " + Causes.describe(e.getCause()));
        } catch (ReflectiveOperationException e) {
            throw new ExitException(ExitCode.UNAVAILABLE, "this build has no log inspector (" + TOOL + ")");
        }
    }
}
