package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.backend.DeliveryException;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;

/**
 * A first request, to learn before any entry is sent whether CloudWatch Logs is there and knows who asks.
 *
 * <p>Used by one thread.
 */
final class Greeting {

    private final CloudWatchLogsClient client;
    private final Failures failures;

    Greeting(CloudWatchLogsClient client, Failures failures) {
        this.client = client;
        this.failures = failures;
    }

    /** Why nothing can be sent, if so. That this one request is not permitted is no reason: sending needs another permission. */
    Optional<DeliveryException> refusal() {
        try {
            client.describeLogGroups(ask -> ask.limit(1));
            return Optional.empty();
        } catch (SdkException failure) {
            if (failure instanceof AwsServiceException answer && answer.awsErrorDetails() != null
                    && answer.awsErrorDetails().errorCode().startsWith("AccessDenied")) {
                return Optional.empty();
            }
            return Optional.of(failures.of("cannot ask CloudWatch Logs for its log groups", failure));
        }
    }
}
