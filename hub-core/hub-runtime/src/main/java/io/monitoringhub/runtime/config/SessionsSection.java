package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;
import java.time.Duration;
import java.util.Optional;

/** {@code sessions}: what is remembered of acknowledged clients. Immutable. */
record SessionsSection(
        @Setting(says = "How long a client is remembered that is not heard of; at least log.retain. Left out: 7d, or log.retain if that is longer.",
                restart = true) Optional<Duration> remember,
        @Setting(says = "How many clients are remembered; the longest unused one is forgotten first.", standard = "100000", least = "1",
                most = "99999999", restart = true) int maxClients) {
}
