package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;

/**
 * The keys at the top of {@code hub.yaml}, but for transports, backends and routes. A new section is one record with a {@link Setting} on
 * each component, and one line here: it is then checked, can be set by the environment, and stands in the JSON Schema and in
 * {@code hub:config show}. Immutable.
 */
record HubFile(
        @Setting(says = "What the hub calls itself.", standard = "monitoring-hub", restart = true) String name,
        @Setting(says = "The durable log in the middle.") LogSection log,
        @Setting(says = "What destinations would not take.") DeadLettersSection deadLetters,
        @Setting(says = "What is remembered of acknowledged clients.") SessionsSection sessions,
        @Setting(says = "What is put together from the log.") CorrelationSection correlation,
        @Setting(says = "How the hub ends.") StopSection stop,
        @Setting(says = "When groups of backends change hands.") FailoverSection failover,
        @Setting(says = "On what terms plugins run.") PluginsSection plugins,
        @Setting(says = "Who may send.") SecuritySection security) {
}
