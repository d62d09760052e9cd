package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Locale;

/**
 * Command: sends a load and prints what became of it.
 *
 * <p>{@code --port N | --unix PATH, --host H, --messages N, --connections C, --first-connection I, --threads T,
 * --block BYTES, --rate MSG/S, --step MS, --mode plain|acknowledged, --window BYTES, --reconnect SECONDS}.
 * Exit code 0 = all sent (and acknowledged), 1 = not, 64 = wrong options.
 */
public final class Load {
    private Load() {
    }

    /** Runs the command. */
    public static void main(String[] words) throws IOException, InterruptedException {
        LoadGenerator generator;
        try {
            Arguments arguments = new Arguments(words);
            generator = configure(LoadGenerator.to(address(arguments)), arguments).build();
            arguments.noOthers();
        } catch (IllegalArgumentException e) {
            System.err.println("load: " + e.getMessage());
            System.exit(64);
            return;
        }
        LoadReport report = generator.run();
        System.out.println(summary(report));
        System.exit(report.isClean() ? 0 : 1);
    }

    static LoadGenerator.Builder configure(LoadGenerator.Builder builder, Arguments arguments) {
        String mode = arguments.text("mode").orElse("plain");
        if (!mode.equals("plain") && !mode.equals("acknowledged")) {
            throw new IllegalArgumentException("--mode " + mode + ": expected plain or acknowledged");
        }
        builder.acknowledged(mode.equals("acknowledged"))
                .connections((int) arguments.number("connections", 8))
                .firstConnection((int) arguments.number("first-connection", 0))
                .messages(arguments.number("messages", 10_000_000))
                .threads((int) arguments.number("threads", 0))
                .blockBytes((int) arguments.number("block", 128 * 1024))
                .rate(arguments.number("rate", 0))
                .stepMillis((int) arguments.number("step", 1))
                .windowBytes(arguments.number("window", 4 << 20));
        arguments.text("reconnect").ifPresent(text -> builder.reconnectFor(Duration.ofSeconds(arguments.number("reconnect", 0))));
        return builder;
    }

    static String summary(LoadReport report) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "sent %,d messages in %.3f s: %,.0f messages/s; generator %.3f us CPU per message%n",
                report.sent(), report.seconds(), report.sent() / Math.max(1e-9, report.seconds()), report.cpuMicrosPerMessage()));
        if (report.acked() > 0) {
            text.append(String.format(Locale.ROOT, "acknowledged %,d; send to ack per block: %s%n", report.acked(), report.ackLatencies()));
        }
        if (!report.isClean() || report.reconnects() > 0) {
            text.append(String.format(Locale.ROOT, "refused %,d, reconnects %d, acknowledged but forgotten %d times%n",
                    report.refused(), report.reconnects(), report.regressions()));
        }
        report.problems().forEach(problem -> text.append("problem: ").append(problem).append(System.lineSeparator()));
        return text.toString().stripTrailing();
    }

    private static SocketAddress address(Arguments arguments) {
        return arguments.text("unix").<SocketAddress>map(UnixDomainSocketAddress::of)
                .orElseGet(() -> new InetSocketAddress(arguments.text("host").orElse("127.0.0.1"), port(arguments)));
    }

    private static int port(Arguments arguments) {
        arguments.required("port");
        return (int) arguments.number("port", 0);
    }
}
