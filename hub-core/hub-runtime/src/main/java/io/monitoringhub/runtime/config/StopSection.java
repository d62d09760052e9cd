package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;
import java.time.Duration;

/** {@code stop}: how the hub ends. Immutable. */
record StopSection(@Setting(says = "How long a stopping hub goes on delivering.", standard = "10s") Duration drain) {
}
