/**
 * The backend of type {@code cloudwatch}: entries to CloudWatch Logs, metrics and resources to CloudWatch metrics, at least once.
 *
 * <p>{@link io.monitoringhub.plugin.cloudwatch.CloudwatchBackend} parts a batch into requests ({@link
 * io.monitoringhub.plugin.cloudwatch.BatchPlan}), has them sent by its {@link io.monitoringhub.plugin.cloudwatch.Senders}, and says for each
 * entry what became of it ({@link io.monitoringhub.plugin.cloudwatch.Progress}).
 */
package io.monitoringhub.plugin.cloudwatch;
