package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;
import java.time.Duration;

/**
 * {@code correlation}: what is put together from the log. Immutable.
 *
 * @param mergedSpans whether each complete span is added to the log as one message
 * @param rebuild how much of the log is read again at start
 * @param forgetAfter how long an untouched trace or job is known
 * @param stuckAfter after how long without progress a job is stuck
 */
public record CorrelationSection(
        @Setting(says = "Whether each complete span is added to the log as one message that says all, with data.merged: true.",
                standard = "false", restart = true) boolean mergedSpans,
        @Setting(says = "How many entries of the log are read again at start, for traces, jobs, and halves of spans.", standard = "200000",
                least = "0", most = "100000000", restart = true) int rebuild,
        @Setting(says = "How long a trace or a job is known that nothing is heard of.", standard = "24h", least = "1m",
                restart = true) Duration forgetAfter,
        @Setting(says = "After how long without progress a job is called stuck.", standard = "10m", least = "1s",
                restart = true) Duration stuckAfter) {
}
