package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;
import java.time.Duration;

/** {@code failover}: when groups of backends change hands. Immutable. */
record FailoverSection(
        @Setting(says = "How long a group waits for a member without an instance before the next one delivers.", standard = "30s")
        Duration missingAfter,
        @Setting(says = "How long a stand-in delivers at least, and a member that was down rests at first.", standard = "30s", least = "1ms")
        Duration holdDown) {
}
