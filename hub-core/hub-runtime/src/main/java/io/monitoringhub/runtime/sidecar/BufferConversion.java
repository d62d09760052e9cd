package io.monitoringhub.runtime.sidecar;

import java.util.Locale;
import java.util.Optional;

/** The old program kept messages in memory and flushed them at intervals; the hub keeps them on disk. Used by one thread at a time. */
final class BufferConversion {

    private final ConversionReport report;
    private Optional<String> batchSize = Optional.empty();

    BufferConversion(ConversionReport report) {
        this.report = report;
    }

    /** How many entries a batch has at most, if the file said so for all backends. */
    Optional<String> batchSize() {
        return batchSize;
    }

    void convert(OldSection.Taken taken) {
        walk(taken.key(), taken.value());
    }

    private void walk(String key, OldValue value) {
        if (value.entries().isPresent()) {
            value.entries().get().forEach((name, below) -> walk(key + "." + name, below));
            return;
        }
        String name = key.substring(key.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (name.contains("batch") && value.text().matches("[1-9]\\d{0,7}") && key.equals("buffers." + name)) {
            batchSize = Optional.of(value.text());
            report.converted(value.line(), key, "backends.<each>.delivery.batch.max_entries");
        } else if (name.contains("flush") || name.contains("interval")) {
            report.note(value.line(), key + ": not needed. Entries are delivered as they come; 'delivery.batch.linger' of a backend makes"
                    + " batches wait for company");
        } else if (name.matches(".*(size|max|limit|capacity|messages|entries|bytes|count).*")) {
            report.note(value.line(), key + ": not needed. What waits is in the log on disk, up to 'log.max_size' (10 GB) and without a"
                    + " limit of its own");
        } else {
            report.leftOut(value.line(), key);
        }
    }
}
