package io.monitoringhub.plugin.cloudwatch;

import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;

/**
 * Sends data to CloudWatch metrics.
 *
 * <p>Thread-safe.
 */
final class MetricSender {

    private final CloudWatchClient client;
    private final String namespace;
    private final Failures failures;

    MetricSender(CloudWatchClient client, String namespace, Failures failures) {
        this.client = client;
        this.namespace = namespace;
        this.failures = failures;
    }

    /** Sends requests in their order, until one fails. */
    void send(List<MetricRequest> requests, Progress progress) {
        for (MetricRequest request : requests) {
            if (progress.isOver()) {
                return;
            }
            try {
                client.putMetricData(to -> to.namespace(namespace).metricData(request.data()));
                progress.accepted(request.offsets());
            } catch (SdkException failure) {
                progress.failed(failures.of("cannot put " + request.data().size() + " data into CloudWatch metrics, namespace '" + namespace + "'", failure));
                return;
            }
        }
    }
}
