package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param bucket the bucket's name
 * @param region empty: what the environment says
 * @param endpoint empty: Amazon's
 * @param isPathStyle whether the bucket is in the path
 * @param pattern the objects' keys
 * @param keyPrefix what all keys begin with
 * @param zone of date and hour
 * @param compression of objects
 * @param rollSize most bytes of a stretch
 * @param rollAfterMs most milliseconds that an entry waits for its object
 * @param partSize the size of a part, and the size from which objects are sent in parts
 * @param requestTimeoutMs how long a request may take
 * @param credentials empty: the chain
 * @param encryption by the store; empty as the bucket says
 * @param kmsKey for encryption with KMS
 * @param storageClass empty: the store's default
 */
record S3Settings(String bucket, Optional<String> region, Optional<URI> endpoint, boolean isPathStyle, KeyPattern pattern, String keyPrefix,
        ZoneId zone, Compression compression, int rollSize, int rollAfterMs, int partSize, int requestTimeoutMs,
        Optional<Credentials> credentials, Optional<String> encryption, Optional<String> kmsKey, Optional<String> storageClass) {

    private static final String KMS = "aws:kms";
    private static final String BUCKET = "[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]";

    /** Keys that were given. @param token empty where there is none */
    record Credentials(String id, String secret, String token) {
        @Override
        public String toString() {
            return "Credentials[" + id + "]";
        }
    }

    /** Reads the configuration; all that is wrong with it is in the one exception. */
    static S3Settings from(S3Config config, String instance) throws PermanentDeliveryException {
        Reader read = new Reader(new ArrayList<>());
        String bucket = read.text("bucket", config::bucket).orElse("");
        read.expect(bucket.matches(BUCKET), "bucket", bucket, "the name of a bucket: letters, digits, '.' and '-', 3 characters at least");
        Optional<URI> endpoint = read.text("endpoint", config::endpoint).flatMap(read::address);
        Optional<String> region = read.text("region", config::region);
        region.ifPresent(text -> read.expect(text.matches("[a-z0-9][a-z0-9-]*"), "region", text, "a region such as eu-central-1"));
        String key = read.text("key", config::key).orElse("");
        KeyPattern pattern = KeyPattern.parse(key, problem -> read.problems.add("key '" + key + "': " + problem));
        String zoneName = read.text("time_zone", config::time__zone).orElse("");
        ZoneId zone = zone(zoneName).orElse(null);
        read.expect(zone != null, "time_zone", zoneName, "a time zone such as UTC or Europe/Berlin");
        String word = read.text("compression", config::compression).orElse("");
        Compression compression = Compression.of(word).orElse(null);
        read.expect(compression != null, "compression", word, "gzip, zstd or none");
        String sse = read.text("sse", config::sse).orElse("");
        read.expect(List.of("bucket", "AES256", KMS).contains(sse), "sse", sse, "bucket, AES256 or " + KMS);
        Optional<String> kmsKey = read.text("sse_kms_key", config::sse__kms__key);
        read.expect(kmsKey.isEmpty() || sse.equals(KMS), "sse_kms_key", kmsKey.orElse(""), "no key unless sse is " + KMS);
        Optional<String> storageClass = read.text("storage_class", config::storage__class);
        storageClass.ifPresent(text -> read.expect(text.matches("[A-Z][A-Z0-9_]*"), "storage_class", text, "a storage class such as STANDARD_IA"));
        S3Settings settings = new S3Settings(bucket, region.or(() -> endpoint.map(any -> "us-east-1")), endpoint,
                read.flag("path_style", config::path__style), pattern, key.substring(0, Math.max(0, key.indexOf('{'))), zone, compression,
                read.number("roll_size", config::roll__size, 65_536, 1 << 30),
                read.number("roll_after_ms", config::roll__after__ms, 0, 86_400_000),
                read.number("part_size", config::part__size, 5 << 20, 256 << 20),
                read.number("request_timeout_ms", config::request__timeout__ms, 1_000, 3_600_000),
                credentials(read, config), Optional.of(sse).filter(text -> !text.equals("bucket")), kmsKey, storageClass);
        if (!read.problems.isEmpty()) {
            throw new PermanentDeliveryException("cannot use the configuration of " + instance + ": " + String.join("; ", read.problems));
        }
        return settings;
    }

    private static Optional<Credentials> credentials(Reader read, S3Config config) {
        Optional<String> id = read.text("access_key", config::access__key);
        Optional<String> secret = read.text("secret_key", config::_secret__key);
        Optional<String> token = read.text("session_token", config::_session__token);
        if (id.isPresent() != secret.isPresent()) {
            read.problems.add((id.isPresent() ? "secret_key" : "access_key") + " is missing: expected access_key and secret_key, or neither");
        }
        if (token.isPresent() && id.isEmpty()) {
            read.problems.add("session_token without access_key: expected access_key, secret_key and session_token");
        }
        return id.isPresent() && secret.isPresent() ? Optional.of(new Credentials(id.get(), secret.get(), token.orElse(""))) : Optional.empty();
    }

    private static Optional<ZoneId> zone(String text) {
        try {
            return Optional.of(ZoneId.of(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Declarative Services converts a value when it is asked for, and throws an unchecked exception of its own if it can't. */
    private record Reader(List<String> problems) {

        private Optional<String> text(String key, Supplier<String> value) {
            return any(key, value, "a text").map(String::strip).filter(text -> !text.isEmpty());
        }

        private boolean flag(String key, Supplier<Boolean> value) {
            return any(key, value, "true or false").orElse(false);
        }

        private int number(String key, Supplier<Integer> value, int least, int most) {
            String expected = "a number from " + least + " to " + most;
            int number = any(key, value, expected).orElse(least);
            expect(number >= least && number <= most, key, Integer.toString(number), expected);
            return number;
        }

        private <T> Optional<T> any(String key, Supplier<T> value, String expected) {
            try {
                return Optional.ofNullable(value.get());
            } catch (RuntimeException e) {
                problems.add(key + ": expected " + expected + " (" + e.getMessage() + ")");
                return Optional.empty();
            }
        }

        private Optional<URI> address(String text) {
            try {
                URI uri = new URI(text);
                if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme()) && uri.getUserInfo() == null) {
                    return Optional.of(uri);
                }
            } catch (URISyntaxException e) {
                problems.add("endpoint: " + e.getMessage());
            }
            expect(false, "endpoint", text, "an address such as https://minio.example.org:9000, without a user");
            return Optional.empty();
        }

        private void expect(boolean isFine, String key, String value, String expected) {
            if (!isFine) {
                problems.add(key + " '" + value + "': expected " + expected);
            }
        }
    }
}
