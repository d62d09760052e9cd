package io.monitoringhub.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A few lines of Perl that use the Perl SDK of this repository against a real hub. Immutable. */
final class PerlApplication {

    private static final String SCRIPT = """
            use strict; use warnings; use MonitoringSDK;
            my ($count, %options) = @ARGV;
            my $sdk = MonitoringSDK->new(spool => 0, close_timeout => 10, %options);
            $sdk->log_event('info', "event $_", { text => 'the same words again and again' }) for 1 .. $count;
            my $all = $sdk->flush(15) ? 'all' : 'some';
            my $stats = $sdk->get_stats;
            print "$all acked=$stats->{acked} refused=$stats->{refused} dropped=$stats->{dropped} error=", $stats->{last_error} // '', "\\n";
            $sdk->close;
            """;

    private PerlApplication() {
    }

    /**
     * Logs so many events and ends.
     *
     * @param options of the SDK: names and values
     * @return what it printed: {@code all|some acked=N refused=N dropped=N error=...}
     */
    static String log(int count, String... options) throws IOException, InterruptedException {
        Path output = Files.createTempFile("perl-", ".out");
        try {
            ProcessBuilder perl = new ProcessBuilder("perl", "-I", Path.of("../sdk/perl/lib").toRealPath().toString(), "-e", SCRIPT,
                    String.valueOf(count));
            perl.command().addAll(List.of(options));
            perl.environment().keySet().removeIf(name -> name.startsWith("MONITORING_"));
            Process process = perl.redirectErrorStream(true).redirectOutput(output.toFile()).start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the Perl application did not end: " + Files.readString(output));
            }
            if (process.exitValue() != 0) {
                throw new AssertionError("the application is to be unaffected, but: " + Files.readString(output));
            }
            return Files.readString(output).strip();
        } finally {
            Files.delete(output);
        }
    }
}
