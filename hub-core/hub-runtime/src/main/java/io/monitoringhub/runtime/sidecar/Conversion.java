package io.monitoringhub.runtime.sidecar;

import java.util.List;
import java.util.Optional;

/** Makes a {@code hub.yaml} of a file in the older layout. Used once, by one thread. */
final class Conversion {

    private static final List<String> SECTIONS = List.of("tcp", "buffers", "backends", "routing");

    private final ConversionReport report = new ConversionReport();
    private final NewFile file = new NewFile();

    /** Tells whether a file has at least one of the sections that only the older layout has. */
    static boolean isOld(OldValue root) {
        return root.entries().filter(entries -> entries.containsKey("tcp") || entries.containsKey("buffers") || entries.containsKey("routing")
                || backends(entries.get("backends")).stream().anyMatch(Conversion::hasConfig)).isPresent();
    }

    private static List<OldValue> backends(OldValue value) {
        return value == null ? List.of() : value.entries().map(entries -> List.copyOf(entries.values())).orElseGet(value::list);
    }

    private static boolean hasConfig(OldValue backend) {
        return backend.entries().filter(entries -> entries.containsKey("config")).isPresent();
    }

    ConversionReport report() {
        return report;
    }

    NewFile convert(OldValue root) {
        OldSection all = new OldSection("", root);
        all.take("tcp").ifPresent(this::tcp);
        BufferConversion buffers = new BufferConversion(report);
        all.take("buffers").ifPresent(buffers::convert);
        BackendConversion backends = new BackendConversion(report, file, buffers.batchSize());
        all.take("backends").ifPresentOrElse(backends::convert,
                () -> report.note(0, "there are no backends: the hub then has one of its own, 'archive', which writes files to data/events"));
        Optional<OldSection.Taken> routing = all.take("routing");
        routing.ifPresentOrElse(taken -> new RoutingConversion(report, file, backends).convert(taken),
                () -> report.note(0, "there is no routing: everything goes to every backend"));
        all.take("logging").ifPresent(taken -> report.noEquivalent(taken.value().line(), "logging",
                "what the hub logs about itself is set in conf/logback.xml"));
        all.reportRest(report);
        return file;
    }

    private void tcp(OldSection.Taken taken) {
        OldSection tcp = new OldSection("tcp", taken.value());
        if (taken.value().entries().isEmpty() && !taken.value().list().isEmpty()) {
            report.leftOut(taken.value().line(), "tcp");
            return;
        }
        tcp.take("enabled").ifPresent(enabled -> {
            if (enabled.value().isFalse()) {
                file.doesNotListen();
            }
            report.converted(enabled.value().line(), enabled.key(), "transports");
        });
        tcp.take("host", "bind", "address").ifPresent(host -> {
            set(host, "bind");
            if (!List.of("localhost", "127.0.0.1", "::1").contains(host.value().text())) {
                report.note(host.value().line(), host.key() + ": other machines may reach the port, as before");
            }
        });
        tcp.take("port").ifPresent(port -> set(port, "port"));
        tcp.take("max_connections").ifPresent(most -> set(most, "max_connections"));
        tcp.reportRest(report);
    }

    private void set(OldSection.Taken taken, String key) {
        boolean isNumber = taken.value().text().matches("\\d{1,9}");
        if (!taken.value().isSingle() || taken.value().text().isEmpty() || !key.equals("bind") && !isNumber) {
            report.noEquivalent(taken.value().line(), taken.key(), "it is no value that the hub takes; the default of transports.tcp." + key
                    + " holds");
            return;
        }
        file.tcp().put(key, isNumber ? taken.value().text() : OldValue.quoted(Variables.converted(taken, report)));
        report.converted(taken.value().line(), taken.key(), "transports.tcp." + key);
    }

    /** For the sentence that says what was looked for. */
    static String sections() {
        return String.join(", ", SECTIONS);
    }
}
