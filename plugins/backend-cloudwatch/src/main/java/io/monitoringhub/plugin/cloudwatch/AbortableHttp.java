package io.monitoringhub.plugin.cloudwatch;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * The SDK's own HTTP client, whose requests under way can be broken off: a thread that waits for a socket hears no interrupt.
 *
 * <p>Thread-safe.
 */
final class AbortableHttp implements SdkHttpClient {

    private final SdkHttpClient client;
    private final Set<ExecutableHttpRequest> running = ConcurrentHashMap.newKeySet();

    AbortableHttp(SdkHttpClient client) {
        this.client = client;
    }

    /** Breaks off what is under way; the calls end with an exception. */
    void abortAll() {
        running.forEach(ExecutableHttpRequest::abort);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        ExecutableHttpRequest prepared = client.prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                running.add(prepared);
                try {
                    return prepared.call();
                } finally {
                    running.remove(prepared);
                }
            }

            @Override
            public void abort() {
                prepared.abort();
            }
        };
    }

    @Override
    public String clientName() {
        return client.clientName();
    }

    @Override
    public void close() {
        client.close();
    }
}
