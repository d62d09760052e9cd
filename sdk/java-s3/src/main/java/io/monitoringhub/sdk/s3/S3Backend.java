package io.monitoringhub.sdk.s3;

import io.monitoringhub.sdk.direct.Backend;
import io.monitoringhub.sdk.direct.BackendOptions;
import io.monitoringhub.sdk.direct.Batch;
import io.monitoringhub.sdk.direct.DeliveryException;
import io.monitoringhub.sdk.direct.WriteResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * S3 and what speaks like it. A batch is an object of lines of JSON. Its key comes from the messages in it, so that one that is written again overwrites
 * itself. Used by one thread at a time, but for {@link #check}.
 */
public final class S3Backend implements Backend {

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuu/MM/dd").withZone(ZoneOffset.UTC);
    private static final BackendOptions LARGE = BackendOptions.USUAL.batchSize(10_000).batchBytes(4 << 20).linger(Duration.ofSeconds(10));

    private final Builder options;
    private final Failures failures;
    // Under this object's lock.
    private Optional<S3Client> client = Optional.empty();

    private S3Backend(Builder options) {
        this.options = options;
        this.failures = new Failures(options.bucket);
    }

    /** Begins to describe a backend that writes to this bucket, which must exist. */
    public static Builder bucket(String name) {
        return new Builder(name);
    }

    /** Describes a backend; what is left out is the default. Used by one thread at a time, and not after {@link #build}. */
    public static final class Builder {

        private final String bucket;
        private String name = "s3";
        private String prefix = "monitoring/";
        private Optional<String> region = Optional.empty();
        private Optional<URI> endpointUrl = Optional.empty();
        private Optional<Boolean> pathStyle = Optional.empty();
        private Optional<AwsCredentialsProvider> credentials = Optional.empty();
        private boolean gzip = true;
        private Duration timeout = Duration.ofSeconds(10);

        private Builder(String bucket) {
            this.bucket = bucket;
        }

        /** How it is called in results. Default: {@code s3}. */
        public Builder name(String called) {
            name = called;
            return this;
        }

        /** How its objects' keys begin. Default: {@code monitoring/}. */
        public Builder prefix(String beginning) {
            prefix = beginning;
            return this;
        }

        /** Where the bucket is. Default: as the AWS SDK finds it; with {@link #endpointUrl} us-east-1. */
        public Builder region(String code) {
            region = Optional.of(code);
            return this;
        }

        /** Of another service that speaks S3. Default: that of the region. */
        public Builder endpointUrl(URI url) {
            endpointUrl = Optional.of(url);
            return this;
        }

        /** Whether the bucket is in the path and not in the name of the host. Default: with {@link #endpointUrl}. */
        public Builder pathStyle(boolean yes) {
            pathStyle = Optional.of(yes);
            return this;
        }

        /** Explicitly. Default: as the AWS SDK finds them, in environment, system properties, profile, container or instance. */
        public Builder credentials(String accessKeyId, String secretAccessKey) {
            return credentials(StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKeyId, secretAccessKey)));
        }

        /** From elsewhere; its owner closes it. */
        public Builder credentials(AwsCredentialsProvider provider) {
            credentials = Optional.of(provider);
            return this;
        }

        /** Whether objects are compressed, and end in {@code .gz}. Default: true. */
        public Builder gzip(boolean yes) {
            gzip = yes;
            return this;
        }

        /** For the connection, and for each wait for data. Default: 10 s. */
        public Builder timeout(Duration time) {
            timeout = time;
            return this;
        }

        /** Connects to nothing. */
        public S3Backend build() {
            return new S3Backend(this);
        }
    }

    @Override
    public String name() {
        return options.name;
    }

    @Override
    public BackendOptions options() {
        return LARGE;
    }

    /** {@code <prefix><source>/<yyyy>/<mm>/<dd>/<time>-<client>-<number>.jsonl.gz}. */
    private String key(Batch batch) {
        return options.prefix + batch.source().replaceAll("[^A-Za-z0-9._-]", "_") + "/" + DAY.format(batch.born()) + "/" + batch.name() + ".jsonl"
                + (options.gzip ? ".gz" : "");
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException {
        byte[] body = options.gzip ? compressed(batch.body()) : batch.body();
        call(s3 -> s3.putObject(put -> put.bucket(options.bucket).key(key(batch)).contentType("application/x-ndjson")
                .contentEncoding(options.gzip ? "gzip" : null), RequestBody.fromBytes(body)));
        return WriteResult.ALL_WRITTEN;
    }

    /** The same bytes for the same lines. */
    private static byte[] compressed(byte[] body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 4 + 64);
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public String check() throws DeliveryException {
        call(s3 -> s3.headBucket(head -> head.bucket(options.bucket)));
        return "bucket " + options.bucket + " is there";
    }

    private void call(Consumer<S3Client> request) throws DeliveryException {
        try {
            request.accept(client());
        } catch (SdkException | IllegalArgumentException e) {
            throw failures.classified(e);
        }
    }

    /** Looks for region and credentials where none were given, which can take a while. */
    private synchronized S3Client client() {
        if (client.isEmpty()) {
            S3ClientBuilder builder = S3Client.builder()
                    .httpClientBuilder(UrlConnectionHttpClient.builder().connectionTimeout(options.timeout).socketTimeout(options.timeout))
                    .credentialsProvider(options.credentials.orElseGet(() -> DefaultCredentialsProvider.builder().build()))
                    // Checksums in trailers are refused by many stores; the signature covers the content.
                    .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                    .serviceConfiguration(S3Configuration.builder().chunkedEncodingEnabled(false).expectContinueEnabled(false).build())
                    .forcePathStyle(options.pathStyle.orElse(options.endpointUrl.isPresent()))
                    // The lane repeats.
                    .overrideConfiguration(each -> each.retryStrategy(AwsRetryStrategy.doNotRetry()));
            options.endpointUrl.ifPresent(builder::endpointOverride);
            options.region.or(() -> options.endpointUrl.map(elsewhere -> "us-east-1")).ifPresent(code -> builder.region(Region.of(code)));
            client = Optional.of(builder.build());
        }
        return client.get();
    }

    @Override
    public synchronized void close() {
        client.ifPresent(S3Client::close);
        client = Optional.empty();
    }
}
