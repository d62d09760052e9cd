package io.monitoringhub.sdk.elasticsearch;

import io.monitoringhub.sdk.direct.Backend;
import io.monitoringhub.sdk.direct.Batch;
import io.monitoringhub.sdk.direct.DeliveryException;
import io.monitoringhub.sdk.direct.HttpEndpoint;
import io.monitoringhub.sdk.direct.WriteResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Elasticsearch or OpenSearch, by the bulk interface. A message's identity is its document's {@code _id}, and it is only created, never replaced: one
 * that is sent again changes nothing. Used by one thread at a time, but for {@link #check}.
 */
public final class ElasticsearchBackend implements Backend {

    /** Of an answer only what is looked at: a fraction of its size. */
    private static final String BULK = "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuu-MM-dd").withZone(ZoneOffset.UTC);

    private final String name;
    private final String index;
    private final boolean isCompressed;
    private final HttpEndpoint http;

    private ElasticsearchBackend(Builder options) {
        name = options.name;
        index = options.index;
        isCompressed = options.gzip;
        http = new HttpEndpoint(options.url, options.authorization.isEmpty() ? Map.of() : Map.of("Authorization", options.authorization), options.caFile,
                options.timeout);
    }

    /** Begins to describe a backend at this address, as in http://127.0.0.1:9200. */
    public static Builder at(URI url) {
        return new Builder(url);
    }

    /** Describes a backend; what is left out is the default. Used by one thread at a time. */
    public static final class Builder {

        private final URI url;
        private String name = "elasticsearch";
        private String index = "monitoring-{date}";
        private String authorization = "";
        private Optional<Path> caFile = Optional.empty();
        private boolean gzip = true;
        private Duration timeout = Duration.ofSeconds(10);

        private Builder(URI url) {
            this.url = url;
        }

        /** How it is called in results. Default: {@code elasticsearch}. */
        public Builder name(String called) {
            name = called;
            return this;
        }

        /** The index; <code>{date}</code> is the message's day, by UTC. Default: <code>monitoring-{date}</code>. */
        public Builder index(String pattern) {
            index = pattern;
            return this;
        }

        /** For basic authentication. Default: none. */
        public Builder credentials(String username, String password) {
            authorization = "Basic " + Base64.getEncoder().encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
            return this;
        }

        /** Instead of {@link #credentials}. Default: none. */
        public Builder apiKey(String encoded) {
            authorization = "ApiKey " + encoded;
            return this;
        }

        /** PEM file: who may have signed the server's certificate. Default: whom the JVM trusts. */
        public Builder caFile(Path file) {
            caFile = Optional.of(file);
            return this;
        }

        /** Whether to compress what is sent. Default: true. */
        public Builder gzip(boolean yes) {
            gzip = yes;
            return this;
        }

        /** For the connection, and for the answer. Default: 10 s. */
        public Builder timeout(Duration time) {
            timeout = time;
            return this;
        }

        /** Connects to nothing. */
        public ElasticsearchBackend build() {
            return new ElasticsearchBackend(this);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException {
        HttpEndpoint.Answer answer = http.post(BULK, body(batch), isCompressed, Map.of("Content-Type", "application/x-ndjson"));
        if (answer.status() != 200) {
            throw http.failure(answer);
        }
        return result(answer.body(), batch.size());
    }

    private byte[] body(Batch batch) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int i = 0; i < batch.size(); i++) {
            Instant time = batch.time(i);
            String head = "{\"create\":{\"_index\":" + quoted(index.replace("{date}", DAY.format(time))) + ",\"_id\":\"" + batch.identity(i)
                    + "\"}}\n{\"@timestamp\":\"" + TIME.format(time) + "\",";
            byte[] line = batch.lines().get(i);
            body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
            body.write(line, 1, line.length - 1);
        }
        return body.toByteArray();
    }

    /** As a text of JSON. */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            quoted.append(c < ' ' || c == '"' || c == '\\' ? String.format(Locale.ROOT, "\\u%04x", (int) c) : String.valueOf(c));
        }
        return quoted.append('"').toString();
    }

    private WriteResult result(String body, int size) throws DeliveryException {
        List<BulkItem> items;
        try {
            items = BulkItem.all(body);
        } catch (IOException e) {
            throw DeliveryException.of(DeliveryException.Kind.TRANSIENT, http.url() + " did not answer as Elasticsearch does: " + e.getMessage(), e);
        }
        if (items.size() != size) {
            throw DeliveryException.of(DeliveryException.Kind.TRANSIENT, http.url() + " answered for " + items.size() + " messages of " + size, null);
        }
        List<Integer> retry = new ArrayList<>();
        int rejected = 0;
        String reason = "";
        String why = "";
        for (int i = 0; i < size; i++) {
            BulkItem item = items.get(i);
            if (item.isThere()) {
                continue;
            }
            if (item.isForLater()) {
                retry.add(i);
                why = http.url() + ": " + item;
            } else if (item.isForAPerson()) {
                throw DeliveryException.of(DeliveryException.Kind.PERMANENT, http.url() + ": the index refuses messages: " + item, null);
            } else {
                reason = rejected++ == 0 ? item.toString() : reason;
            }
        }
        return new WriteResult(rejected, reason, retry, why);
    }

    @Override
    public String check() throws DeliveryException {
        HttpEndpoint.Answer answer = http.get("/");
        if (answer.status() != 200) {
            throw http.failure(answer);
        }
        try {
            if (Json.object(answer.body()).get("version") instanceof Map<?, ?> version && version.get("number") instanceof String number) {
                return (version.get("distribution") instanceof String other ? other : "elasticsearch") + " " + number + " answers at " + http.url();
            }
        } catch (IOException noJson) {
            // As without a version.
        }
        throw DeliveryException.of(DeliveryException.Kind.PERMANENT, http.url() + " is no Elasticsearch", null);
    }

    /** Nothing: the JDK closes connections that nobody has used for some seconds. */
    @Override
    public void close() {
    }
}
