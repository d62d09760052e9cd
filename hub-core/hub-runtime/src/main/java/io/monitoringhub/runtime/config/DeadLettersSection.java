package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.deadletters.DeadLetterSettings;
import io.monitoringhub.runtime.settings.DataSize;
import io.monitoringhub.runtime.settings.Setting;

/** {@code dead_letters}: what destinations would not take. Immutable. */
record DeadLettersSection(
        @Setting(says = "Room for each lane's dead letters, for some of the largest messages at least.", standard = "256MB", least = "1MB")
        DataSize maxSize,
        @Setting(says = "block: the lane stops and keeps its entries until there is room. drop_oldest: the oldest dead letters go.",
                standard = "block") DeadLetterSettings.OnFull onFull) {
}
