package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Requests to the store, one at a time, on a thread of its own that an interrupt of the caller can leave behind. The SDK repeats nothing:
 * that is the lane's part.
 *
 * <p>Used by one thread at a time.
 */
final class S3Link implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(S3Link.class);
    private static final Duration MOST_TO_CONNECT = Duration.ofSeconds(5);
    /** How long a request that was cut off may take to notice. */
    private static final long GIVE_UP_MS = 500;

    private final S3Settings settings;
    private final String threadName;
    private final Failures failures;
    private Session session;

    S3Link(S3Settings settings, String threadName) {
        this.settings = settings;
        this.threadName = threadName;
        this.failures = new Failures(settings.credentials().isEmpty());
    }

    /** Client, connection and thread, which are made and given up together. The client is touched by the thread only. */
    private static final class Session {
        private final AbortableHttp http;
        private final ExecutorService thread;
        private AwsCredentialsProvider credentials;
        private S3Client client;

        private Session(AbortableHttp http, ExecutorService thread) {
            this.http = http;
            this.thread = thread;
        }

        private void close() {
            if (client != null) {
                client.close();
            }
            if (credentials instanceof SdkAutoCloseable closeable) {
                closeable.close();
            }
            http.close();
        }
    }

    /**
     * Sends one request.
     *
     * @param what is attempted, for messages, after "cannot"
     * @throws InterruptedException when the caller was interrupted; the request may still arrive
     */
    <T> T call(String what, Function<S3Client, T> request) throws DeliveryException, InterruptedException {
        try {
            return attempt(what, request);
        } catch (ExecutionException e) {
            throw failed(what, e.getCause());
        }
    }

    /** As {@link #call}; false when this may not be done, with credentials that may do other things. */
    boolean isAllowed(String what, Function<S3Client, ?> request) throws DeliveryException, InterruptedException {
        try {
            attempt(what, request);
            return true;
        } catch (ExecutionException e) {
            if (Failures.isDenied(e.getCause())) {
                return false;
            }
            throw failed(what, e.getCause());
        }
    }

    private DeliveryException failed(String what, Throwable failure) {
        if (Failures.isExpired(failure)) {
            // The chain may have others now.
            giveUp();
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException bug && !(failure instanceof SdkException)) {
            throw bug;
        }
        return failures.classified(what, failure);
    }

    private <T> T attempt(String what, Function<S3Client, T> request) throws ExecutionException, DeliveryException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Session current = session == null ? newSession() : session;
        session = current;
        Future<T> answer = current.thread.submit(() -> request.apply(client(current)));
        try {
            return answer.get(settings.requestTimeoutMs(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            giveUp();
            throw new TransientDeliveryException("cannot " + what + ": no answer in time (" + settings.requestTimeoutMs()
                    + " ms); if the network is slow, set request_timeout_ms", e);
        } catch (InterruptedException e) {
            giveUp();
            throw e;
        }
    }

    private Session newSession() {
        Duration timeout = Duration.ofMillis(settings.requestTimeoutMs());
        AbortableHttp http = new AbortableHttp(UrlConnectionHttpClient.builder().socketTimeout(timeout)
                .connectionTimeout(timeout.compareTo(MOST_TO_CONNECT) < 0 ? timeout : MOST_TO_CONNECT).build());
        return new Session(http, Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, threadName);
            thread.setDaemon(true);
            thread.setContextClassLoader(S3Link.class.getClassLoader());
            return thread;
        }));
    }

    /** The client; looks for region and credentials in the environment, which can take a while. */
    private S3Client client(Session own) {
        if (own.client == null) {
            own.credentials = settings.credentials().<AwsCredentialsProvider>map(keys -> StaticCredentialsProvider.create(keys.token().isEmpty()
                    ? AwsBasicCredentials.create(keys.id(), keys.secret())
                    : AwsSessionCredentials.create(keys.id(), keys.secret(), keys.token())))
                    .orElseGet(() -> DefaultCredentialsProvider.builder().build());
            S3ClientBuilder builder = S3Client.builder().httpClient(own.http).credentialsProvider(own.credentials)
                    // Checksums in trailers are refused by many stores; Content-MD5 and the signature cover the content.
                    .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                    .serviceConfiguration(S3Configuration.builder().chunkedEncodingEnabled(false).expectContinueEnabled(false).build())
                    .forcePathStyle(settings.isPathStyle())
                    .overrideConfiguration(each -> each.retryStrategy(AwsRetryStrategy.doNotRetry()));
            settings.endpoint().ifPresent(builder::endpointOverride);
            settings.region().ifPresent(region -> builder.region(Region.of(region)));
            own.client = builder.build();
        }
        return own.client;
    }

    /** Cuts off what is under way; the next request begins anew, with another client. */
    private void giveUp() {
        Session old = session;
        session = null;
        if (old == null) {
            return;
        }
        old.http.abort();
        old.thread.submit(old::close);
        old.thread.shutdown();
        boolean interrupted = Thread.interrupted();
        try {
            if (!old.thread.awaitTermination(GIVE_UP_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("{}: a request has not ended {} ms after it was cut off; its thread ends with it", threadName, GIVE_UP_MS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        giveUp();
    }
}
