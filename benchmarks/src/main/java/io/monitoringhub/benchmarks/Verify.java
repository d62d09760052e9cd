package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Command: checks a backend's files.
 *
 * <p>{@code --files FOLDER}, and if known {@code --messages N --connections C --first-connection I} as they were sent.
 * Exit code 0 = everything is there once, 1 = not, 64 = wrong options.
 */
public final class Verify {
    private Verify() {
    }

    /** Runs the command. */
    public static void main(String[] words) throws IOException {
        Verifier verifier;
        try {
            Arguments arguments = new Arguments(words);
            verifier = new Verifier(Path.of(arguments.required("files"))).sent(sent(arguments));
            arguments.noOthers();
        } catch (IllegalArgumentException e) {
            System.err.println("verify: " + e.getMessage());
            System.exit(64);
            return;
        }
        VerificationReport report = verifier.verify();
        System.out.println(report);
        System.exit(report.isClean() ? 0 : 1);
    }

    private static Map<Integer, Long> sent(Arguments arguments) {
        long messages = arguments.number("messages", 0);
        int connections = (int) arguments.number("connections", 8);
        int first = (int) arguments.number("first-connection", 0);
        Map<Integer, Long> sent = new TreeMap<>();
        for (int i = 0; i < connections && messages > 0; i++) {
            sent.put(first + i, messages / connections + (i < messages % connections ? 1 : 0));
        }
        return sent;
    }
}
