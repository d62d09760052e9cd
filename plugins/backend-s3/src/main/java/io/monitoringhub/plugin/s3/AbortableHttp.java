package io.monitoringhub.plugin.s3;

import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * An HTTP client for one request at a time, which can be cut off from another thread: the JDK's connections do not hear an interrupt.
 *
 * <p>Thread-safe.
 */
final class AbortableHttp implements SdkHttpClient {

    private final SdkHttpClient client;
    private volatile ExecutableHttpRequest current;
    private volatile boolean isAborted;

    AbortableHttp(SdkHttpClient client) {
        this.client = client;
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        ExecutableHttpRequest prepared = client.prepareRequest(request);
        current = prepared;
        if (isAborted) {
            prepared.abort();
            throw new IllegalStateException("the client was given up");
        }
        return prepared;
    }

    /** Closes the connection of the request that is under way, and takes no further one. */
    void abort() {
        isAborted = true;
        ExecutableHttpRequest request = current;
        if (request != null) {
            request.abort();
        }
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
