package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.message.Messages;
import java.nio.file.Path;

/**
 * What a run with an outage does. Immutable.
 *
 * @param tarball the packaged hub
 * @param work where everything is put
 * @param results where the JSON goes
 * @param rate messages per second, all the time
 * @param connections acknowledging clients
 * @param before seconds of load before the outage
 * @param seconds of the outage
 * @param after seconds of load when the destination has caught up
 * @param patience seconds that catching up may take
 * @param sample seconds between two looks at the hub's memory
 * @param durability of the log
 */
record OutageSettings(Path tarball, Path work, Path results, long rate, int connections, long before, long seconds, long after, long patience,
        long sample, String durability) {
    private static final double ROOM = 1.3;
    private static final long ROOM_BYTES = 256 << 20;

    OutageSettings {
        if (rate < 1 || connections < 1 || before < 1 || seconds < 4 || after < 1 || patience < 1 || sample < 1) {
            throw new IllegalArgumentException("--rate, --connections, --before, --after, --timeout and --sample must be at least 1,"
                    + " --seconds at least 4");
        }
    }

    static OutageSettings of(Arguments arguments) {
        OutageSettings settings = new OutageSettings(Path.of(arguments.required("tarball")), Path.of(arguments.required("work")).toAbsolutePath(),
                Path.of(arguments.text("results").orElse("results")), arguments.number("rate", 5_000),
                (int) arguments.number("connections", 8), arguments.number("before", 60), arguments.number("seconds", 3_600),
                arguments.number("after", 30), arguments.number("timeout", 1_200), arguments.number("sample", 10),
                arguments.text("durability").orElse("sync"));
        arguments.noOthers();
        return settings;
    }

    /** What a destination that holds everything needs, and some more. Catching up is expected to take a fifth of the outage at most. */
    long roomBytes() {
        double messages = rate * (before + seconds * 1.2 + after + 60);
        return (long) (messages * Messages.meanLength() * ROOM) + ROOM_BYTES;
    }

    /** For the log: it keeps everything. */
    long budgetBytes() {
        return 2 * roomBytes();
    }
}
