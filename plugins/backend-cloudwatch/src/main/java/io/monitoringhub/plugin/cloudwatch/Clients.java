package io.monitoringhub.plugin.cloudwatch;

import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK's clients for both services, on one HTTP client. They never repeat a request: that is the lane's part, which does it without a limit.
 *
 * <p>Thread-safe.
 */
final class Clients implements AutoCloseable {

    private static final Duration MOST_TO_CONNECT = Duration.ofSeconds(5);

    private final AbortableHttp http;
    private final AwsCredentialsProvider credentials;
    private final CloudWatchLogsClient logs;
    private final CloudWatchClient metrics;

    /** Makes them; connects nowhere, but may ask the environment for the region. */
    Clients(CloudwatchSettings.Access access) {
        Duration timeout = Duration.ofMillis(access.timeoutMs());
        http = new AbortableHttp(UrlConnectionHttpClient.builder().socketTimeout(timeout)
                .connectionTimeout(timeout.compareTo(MOST_TO_CONNECT) < 0 ? timeout : MOST_TO_CONNECT).build());
        credentials = access.keys().map(Clients::given).orElseGet(() -> DefaultCredentialsProvider.builder().build());
        logs = common(CloudWatchLogsClient.builder(), access).httpClient(http).applyMutation(each -> access.logs().ifPresent(each::endpointOverride)).build();
        metrics = common(CloudWatchClient.builder(), access).httpClient(http)
                .applyMutation(each -> access.metrics().ifPresent(each::endpointOverride)).build();
    }

    private <B extends AwsClientBuilder<B, C>, C> B common(B builder, CloudwatchSettings.Access access) {
        access.region().map(Region::of).ifPresent(builder::region);
        return builder.credentialsProvider(credentials).overrideConfiguration(ClientOverrideConfiguration.builder()
                .retryStrategy(AwsRetryStrategy.doNotRetry()).build());
    }

    private static AwsCredentialsProvider given(CloudwatchSettings.Keys keys) {
        Optional<String> session = keys.session();
        return StaticCredentialsProvider.create(session.isPresent() ? AwsSessionCredentials.create(keys.id(), keys.secret(), session.get())
                : AwsBasicCredentials.create(keys.id(), keys.secret()));
    }

    CloudWatchLogsClient logs() {
        return logs;
    }

    CloudWatchClient metrics() {
        return metrics;
    }

    /** Breaks off the requests that are under way. */
    void abortAll() {
        http.abortAll();
    }

    @Override
    public void close() {
        logs.close();
        metrics.close();
        http.close();
        if (credentials instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
