package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.DataSize;
import io.monitoringhub.runtime.settings.Percent;
import io.monitoringhub.runtime.settings.Setting;
import java.time.Duration;
import java.util.Optional;

/** {@code delivery} below a backend: how the hub delivers to it. Immutable. */
record DeliverySection(
        @Setting(says = "Pauses between failures.") Retry retry,
        @Setting(says = "Failures in a row that open the breaker.", standard = "5", least = "1", most = "99999999") int breakerAfter,
        @Setting(says = "Most bytes of messages that the backend was given and has not made durable.", standard = "64MB", least = "64KB",
                most = "1GB") DataSize maxInFlight,
        @Setting(says = "Whether /ready says no while this backend's lane has failed.", standard = "false") boolean required,
        @Setting(says = "How entries are put together.") Batch batch) {

    /** Pauses between failures. */
    record Retry(
            @Setting(says = "The most that the pause after the first failure takes; it then doubles.", standard = "100ms") Duration base,
            @Setting(says = "The most that any pause takes, unless the destination asks for more.", standard = "30s") Duration max,
            @Setting(says = "How many of the calls may be repetitions, beyond a reserve of ten and one a second.", standard = "20%") Percent budget) {
    }

    /** How entries are put together. The plugin's own limits are hard. */
    record Batch(
            @Setting(says = "Most entries in a batch; left out: the plugin's limit.", least = "1", most = "99999999") Optional<Integer> maxEntries,
            @Setting(says = "Most bytes of messages in a batch. A single entry always passes.", standard = "16MB", least = "64KB", most = "1GB")
            DataSize maxBytes,
            @Setting(says = "How long a batch at the log's end waits for company; left out: the plugin's.") Optional<Duration> linger,
            @Setting(says = "How long written entries wait for a flush; left out: the plugin's.", least = "1ms") Optional<Duration> flushAfter) {
    }
}
