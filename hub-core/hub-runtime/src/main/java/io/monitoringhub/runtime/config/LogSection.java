package io.monitoringhub.runtime.config;

import io.monitoringhub.log.LogSettings;
import io.monitoringhub.runtime.settings.DataSize;
import io.monitoringhub.runtime.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** {@code log}: the durable log in the middle. Immutable. */
record LogSection(
        @Setting(says = "Folder of the log; one hub at a time.", standard = "data/log", restart = true) Path path,
        @Setting(says = "sync: stored and acknowledged means on the disk. os: with the operating system; a power cut can take it back.",
                standard = "sync", restart = true) LogSettings.Durability durability,
        @Setting(says = "Size at which a new segment file begins; left out: 128MB, or an eighth of max_size if that is less.", least = "64KB",
                most = "1GB", restart = true) Optional<DataSize> segmentSize,
        @Setting(says = "How long entries are kept that every lane has passed; whole segments go.", standard = "24h", restart = true) Duration retain,
        @Setting(says = "Disk budget, at least four segments.", standard = "10GB", restart = true) DataSize maxSize,
        @Setting(says = "block: take no more until there is room. drop_oldest: remove the oldest although a lane needs it.", standard = "block",
                restart = true) LogSettings.OnFull onFull) {
}
