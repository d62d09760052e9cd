package io.monitoringhub.runtime.sidecar;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Converts a backend's {@code config}. Used once, by one thread. */
final class SettingsConversion {

    private static final List<String> OWN = List.of("type", "start", "delivery");
    private static final List<String> ROTATIONS = List.of("never", "hourly", "daily");
    private static final long MEGABYTE = 1L << 20;

    private final ConversionReport report;
    private final String type;
    private final String newKey;

    SettingsConversion(ConversionReport report, String type, String newKey) {
        this.report = report;
        this.type = type;
        this.newKey = newKey;
    }

    void convert(OldSection.Taken config, Map<String, String> settings) {
        if (config.value().entries().isEmpty()) {
            config.value().list().forEach(value -> report.leftOut(value.line(), config.key()));
            return;
        }
        OldSection section = new OldSection(config.key(), config.value());
        if (type.equals("filesystem")) {
            files(section, settings);
            section.reportRest(report);
            return;
        }
        section.takeAll().forEach((name, value) -> other(new OldSection.Taken(section.prefix() + name, name, value), settings));
        report.note(config.value().line(), config.key() + ": its keys keep their names; see the README of backend-" + type + " for whether they"
                + " mean the same");
    }

    private void files(OldSection section, Map<String, String> settings) {
        section.take("path", "directory", "dir", "base_path", "base_dir", "output_dir", "log_dir").ifPresent(path -> {
            if (put(path, "path", settings) && !Path.of(path.value().text()).isAbsolute()) {
                report.note(path.value().line(), path.key() + ": a relative path starts in the hub's data folder now, not where the program"
                        + " was started");
            }
        });
        section.take("rotate", "rotation").ifPresent(rotation -> {
            String word = rotation.value().text().toLowerCase(Locale.ROOT);
            if (ROTATIONS.contains(word)) {
                settings.put("rotate", word);
                report.converted(rotation.value().line(), rotation.key(), newKey + ".rotate");
            } else {
                report.noEquivalent(rotation.value().line(), rotation.key(), "files end " + String.join(", ", ROTATIONS)
                        + ", or by size; 'daily' holds");
            }
        });
        section.take("max_file_size", "max_bytes", "rotate_bytes", "max_size").ifPresent(size -> size(size, 1, settings));
        section.take("max_file_size_mb", "max_size_mb").ifPresent(size -> size(size, MEGABYTE, settings));
        section.take("compress", "gzip", "compression").ifPresent(gzip -> {
            Optional<String> compresses = compresses(gzip.value().text().toLowerCase(Locale.ROOT));
            compresses.ifPresentOrElse(is -> {
                settings.put("gzip", is);
                report.converted(gzip.value().line(), gzip.key(), newKey + ".gzip");
            }, () -> report.noEquivalent(gzip.value().line(), gzip.key(), "files are compressed by gzip or not at all"));
        });
        section.take("max_files", "backup_count", "retention_days", "retention").ifPresent(kept -> report.noEquivalent(kept.value().line(),
                kept.key(), "the hub deletes none of its files: let logrotate or a timer do it"));
    }

    private static Optional<String> compresses(String word) {
        return switch (word) {
            case "true", "yes", "on", "gzip", "gz" -> Optional.of("true");
            case "false", "no", "off", "none", "" -> Optional.of("false");
            default -> Optional.empty();
        };
    }

    private void size(OldSection.Taken size, long unit, Map<String, String> settings) {
        if (!size.value().text().matches("\\d{1,12}")) {
            report.noEquivalent(size.value().line(), size.key(), "expected a number; write " + newKey + ".rotate_bytes");
            return;
        }
        settings.put("rotate_bytes", String.valueOf(Long.parseLong(size.value().text()) * unit));
        report.converted(size.value().line(), size.key(), newKey + ".rotate_bytes");
    }

    private void other(OldSection.Taken taken, Map<String, String> settings) {
        boolean isFlat = taken.value().isSingle() || taken.value().list().stream().allMatch(OldValue::isSingle);
        if (taken.value().entries().isPresent() || !isFlat || !taken.name().matches("[A-Za-z][A-Za-z0-9_]*") || OWN.contains(taken.name())) {
            report.noEquivalent(taken.value().line(), taken.key(), "a plugin's settings are single values and lists of them; see the README of"
                    + " backend-" + type);
            return;
        }
        put(taken, taken.name(), settings);
    }

    private boolean put(OldSection.Taken taken, String name, Map<String, String> settings) {
        if (taken.value().entries().isPresent()) {
            report.leftOut(taken.value().line(), taken.key());
            return false;
        }
        settings.put(name, taken.value().isText() ? OldValue.quoted(Variables.converted(taken, report)) : taken.value().yaml());
        report.converted(taken.value().line(), taken.key(), newKey + "." + name);
        return true;
    }
}
