package io.monitoringhub.runtime.sidecar;

import io.monitoringhub.spi.ComponentId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Converts {@code backends}, a section or a list. Used by one thread at a time. */
final class BackendConversion {

    private static final Map<String, String> TYPES = Map.ofEntries(Map.entry("filesystem", "filesystem"), Map.entry("file", "filesystem"),
            Map.entry("local", "filesystem"), Map.entry("postgresql", "postgresql"), Map.entry("postgres", "postgresql"),
            Map.entry("timescaledb", "postgresql"), Map.entry("timescale", "postgresql"), Map.entry("s3", "s3"),
            Map.entry("elasticsearch", "elasticsearch"), Map.entry("opensearch", "elasticsearch"), Map.entry("cloudwatch", "cloudwatch"),
            Map.entry("http", "http"), Map.entry("https", "http"), Map.entry("webhook", "http"));

    private final ConversionReport report;
    private final NewFile file;
    private final Optional<String> batchSize;
    /** By its name in the old file. */
    private final Map<String, NewFile.Backend> byOldName = new LinkedHashMap<>();

    BackendConversion(ConversionReport report, NewFile file, Optional<String> batchSize) {
        this.report = report;
        this.file = file;
        this.batchSize = batchSize;
    }

    /** The backend that the old file calls so. */
    Optional<NewFile.Backend> named(String oldName) {
        return Optional.ofNullable(byOldName.get(oldName));
    }

    Set<String> oldNames() {
        return byOldName.keySet();
    }

    void convert(OldSection.Taken taken) {
        if (taken.value().entries().isPresent()) {
            taken.value().entries().get().forEach((name, value) -> backend("backends." + name, name, value));
            return;
        }
        List<OldValue> items = taken.value().list();
        for (int i = 0; i < items.size(); i++) {
            OldValue item = items.get(i);
            Map<String, OldValue> entries = item.entries().orElse(Map.of());
            String name = Optional.ofNullable(entries.get("name")).or(() -> Optional.ofNullable(entries.get("type"))).map(OldValue::text).orElse("");
            backend("backends[" + i + "]", name, item);
        }
    }

    private void backend(String key, String oldName, OldValue value) {
        if (value.entries().isEmpty() || oldName.isBlank()) {
            report.leftOut(value.line(), key);
            return;
        }
        OldSection section = new OldSection(key, value);
        section.take("name");
        String name = newName(key, oldName, value.line());
        String type = type(section.take("type"), key, oldName, value.line());
        boolean isOn = section.take("enabled").map(enabled -> !enabled.value().isFalse()).orElse(true);
        section.take("priority").ifPresent(priority -> report.note(priority.value().line(), priority.key()
                + ": not needed. Backends do not wait for each other; for one that stands in for another see 'mode: failover'"));
        Map<String, String> settings = new LinkedHashMap<>();
        Optional<OldSection.Taken> batch = section.take("batch_size").filter(taken -> taken.value().text().matches("[1-9]\\d{0,7}"));
        batch.ifPresent(taken -> report.converted(taken.value().line(), taken.key(), "backends." + name + ".delivery.batch.max_entries"));
        batch.map(taken -> taken.value().text()).or(() -> batchSize)
                .ifPresent(most -> settings.put("delivery", "{ batch: { max_entries: " + most + " } }"));
        section.take("config").ifPresent(config -> new SettingsConversion(report, type, "backends." + name).convert(config, settings));
        section.reportRest(report);
        NewFile.Backend backend = new NewFile.Backend(name, type, isOn, settings);
        byOldName.put(oldName, backend);
        file.backends().add(backend);
        report.converted(value.line(), key, "backends." + name);
        if (!isOn) {
            report.note(value.line(), key + ": it was off, so it stands in the new file as a comment");
        }
    }

    private String newName(String key, String oldName, int line) {
        String plain = oldName.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "-").replaceAll("^[^a-z0-9]+", "");
        String base = plain.isEmpty() ? "backend" : plain.substring(0, Math.min(plain.length(), 60));
        String name = base;
        for (int i = 2; isTaken(name); i++) {
            name = base + "-" + i;
        }
        if (!name.equals(oldName)) {
            report.note(line, key + ": is called '" + name + "' now");
        }
        return name;
    }

    private boolean isTaken(String name) {
        return file.backends().stream().anyMatch(backend -> backend.name().equals(name));
    }

    private String type(Optional<OldSection.Taken> taken, String key, String oldName, int line) {
        String old = taken.map(type -> type.value().text()).orElse(oldName).toLowerCase(Locale.ROOT);
        String known = TYPES.get(old.replaceAll("[^a-z0-9]", ""));
        if (known != null) {
            return known;
        }
        String plain = old.replaceAll("[^a-z0-9]", "");
        String type = ComponentId.isType(plain) ? plain : "unknown";
        report.noEquivalent(line, key + ".type", "the hub ships no backend of that type. Its entries wait in the log until a plugin of type '"
                + type + "' is installed; take the backend out if there will be none");
        return type;
    }
}
