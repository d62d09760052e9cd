package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The validated configuration.
 *
 * <p>Immutable.
 *
 * @param access where requests go, and as whom
 * @param group the names of log groups
 * @param stream the names of log streams
 * @param create whether missing groups and streams are created
 * @param retentionDays for groups that are created; 0 is no end
 * @param metricTypes what becomes metrics; everything else goes to logs
 * @param metrics how metrics are made
 * @param isSentOutsideWindow whether entries with a time that CloudWatch does not take are sent with another
 * @param connections most requests at a time
 */
record CloudwatchSettings(Access access, NamePattern group, NamePattern stream, boolean create, int retentionDays, Set<MessageType> metricTypes,
        Metrics metrics, boolean isSentOutsideWindow, int connections) {

    static final int MAX_LINGER_MS = 60_000;
    private static final int MOST_CONNECTIONS = 64;
    private static final int MIN_TIMEOUT_MS = 100;
    private static final int MAX_TIMEOUT_MS = 240_000;
    private static final int MOST_NAME = 255;
    private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z0-9]+)+");
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._/#: -]{1," + MOST_NAME + "}");
    private static final Set<Integer> RETENTIONS = new TreeSet<>(List.of(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096,
            1827, 2192, 2557, 2922, 3288, 3653));

    /**
     * Where requests go, and as whom. Its text has no secret.
     *
     * @param region empty for that of the environment
     * @param keys empty for the default chain
     */
    record Access(Optional<String> region, Optional<URI> logs, Optional<URI> metrics, Optional<Keys> keys, int timeoutMs) { }

    /** Credentials. Never printed. */
    record Keys(String id, String secret, Optional<String> session) {
        @Override
        public String toString() {
            return "Keys[" + id + "]";
        }
    }

    /** How metrics are made. @param dimensions names of tags, or empty for all of them */
    record Metrics(String namespace, Optional<Set<String>> dimensions, boolean isSourceDimension, boolean isHighResolution) { }

    /**
     * Reads the configuration; all that is wrong with it is in the one exception.
     *
     * @param hostName of this machine; asked only where a name needs it, because the answer may take long
     */
    static CloudwatchSettings from(CloudwatchConfig config, Supplier<String> hostName, String instance) throws PermanentDeliveryException {
        Reader in = new Reader();
        Access access = access(config, in);
        String groups = in.text("log_group", config::log__group);
        String streams = in.text("log_stream", config::log__stream);
        String host = (groups + streams).contains("{host}") ? hostName.get() : "";
        NamePattern group = NamePattern.group(groups, host, in.problem("log_group"));
        NamePattern stream = NamePattern.stream(streams, host, in.problem("log_stream"));
        boolean create = in.value("create", config::create, true, "true or false");
        int retention = in.value("retention_days", config::retention__days, 0, "a number of days");
        if (!RETENTIONS.contains(retention)) {
            in.add("retention_days '" + retention + "': expected one of " + RETENTIONS + ", where 0 is for ever");
        }
        Set<MessageType> types = types(in.text("metric_types", config::metric__types), in);
        Metrics metrics = metrics(config, in);
        String outside = in.text("outside_window", config::outside__window);
        if (!outside.equals("send") && !outside.equals("reject")) {
            in.add("outside_window '" + outside + "': expected send or reject");
        }
        int connections = in.within("connections", config::connections, 1, MOST_CONNECTIONS);
        in.within("linger_ms", config::linger__ms, 0, MAX_LINGER_MS);
        if (!in.problems.isEmpty()) {
            throw new PermanentDeliveryException("cannot use the configuration of " + instance + ": " + String.join("; ", in.problems));
        }
        return new CloudwatchSettings(access, group, stream, create, retention, types, metrics, outside.equals("send"), connections);
    }

    private static Access access(CloudwatchConfig config, Reader in) {
        Optional<String> region = in.optional("region", config::region);
        region.filter(each -> !REGION.matcher(each).matches())
                .ifPresent(each -> in.add("region '" + each + "': expected an AWS region such as eu-central-1"));
        Optional<URI> logs = endpoint("logs_endpoint", config::logs__endpoint, in);
        Optional<URI> metrics = endpoint("metrics_endpoint", config::metrics__endpoint, in);
        Optional<String> id = in.optional("access_key", config::access__key);
        Optional<String> secret = in.optional("secret_key", config::_secret__key);
        Optional<String> session = in.optional("session_token", config::_session__token);
        if (id.isPresent() != secret.isPresent()) {
            in.add((id.isPresent() ? "secret_key" : "access_key") + " is missing: expected access_key and secret_key together, or neither for"
                    + " the default chain");
        }
        if (session.isPresent() && id.isEmpty()) {
            in.add("session_token without access_key: expected all three of access_key, secret_key and session_token");
        }
        int timeout = in.within("timeout_ms", config::timeout__ms, MIN_TIMEOUT_MS, MAX_TIMEOUT_MS);
        return new Access(region, logs, metrics, id.map(each -> new Keys(each, secret.orElse(""), session)), timeout);
    }

    private static Optional<URI> endpoint(String key, Supplier<String> value, Reader in) {
        Optional<String> text = in.optional(key, value);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text.get());
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null && uri.getUserInfo() == null) {
                return Optional.of(uri);
            }
        } catch (URISyntaxException e) {
            // told below, like any other address that is none
        }
        in.add(key + " '" + text.get() + "': expected http://host:port or https://host:port");
        return Optional.empty();
    }

    private static Set<MessageType> types(String word, Reader in) {
        switch (word) {
            case "all": return Set.of(MessageType.METRIC, MessageType.RESOURCE);
            case "metric": return Set.of(MessageType.METRIC);
            case "resource": return Set.of(MessageType.RESOURCE);
            case "none": return Set.of();
            default:
                in.add("metric_types '" + word + "': expected all, metric, resource or none");
                return Set.of();
        }
    }

    private static Metrics metrics(CloudwatchConfig config, Reader in) {
        String namespace = in.text("namespace", config::namespace);
        if (!NAMESPACE.matcher(namespace).matches() || namespace.startsWith(":") || namespace.isBlank() || namespace.startsWith("AWS/")) {
            in.add("namespace '" + namespace + "': expected 1 to " + MOST_NAME + " letters, digits, spaces or any of . _ / # : -, not beginning"
                    + " with a colon or with AWS/");
        }
        List<String> names = Arrays.asList(in.value("dimensions", config::dimensions, new String[] {"*"}, "a list of tags"));
        Optional<Set<String>> dimensions = names.equals(List.of("*")) ? Optional.empty() : Optional.of(Set.copyOf(new TreeSet<>(names)));
        if (names.equals(List.of("none"))) {
            dimensions = Optional.of(Set.of());
        } else if (names.size() > 1 && (names.contains("*") || names.contains("none")) || names.contains("")) {
            in.add("dimensions " + names + ": expected names of tags, or * alone, or none alone");
        } else if (dimensions.isPresent() && names.size() > MetricMapper.MOST_DIMENSIONS) {
            in.add("dimensions has " + names.size() + " names: expected at most " + MetricMapper.MOST_DIMENSIONS);
        }
        return new Metrics(namespace, dimensions, in.value("source_dimension", config::source__dimension, true, "true or false"),
                in.value("high_resolution", config::high__resolution, false, "true or false"));
    }

    /** Takes values one by one and collects what is wrong. Used by one thread. */
    private static final class Reader {

        private final List<String> problems = new ArrayList<>();

        void add(String problem) {
            problems.add(problem);
        }

        Consumer<String> problem(String key) {
            return problem -> add(key + " " + problem);
        }

        /** Declarative Services converts a value when it is asked for, and throws an unchecked exception of its own if it can't. */
        <T> T value(String key, Supplier<T> value, T instead, String expected) {
            try {
                T read = value.get();
                return read == null ? instead : read;
            } catch (RuntimeException e) {
                add(key + ": expected " + expected + " (" + e.getMessage() + ")");
                return instead;
            }
        }

        String text(String key, Supplier<String> value) {
            return value(key, value, "", "text");
        }

        Optional<String> optional(String key, Supplier<String> value) {
            return Optional.of(text(key, value).strip()).filter(each -> !each.isEmpty());
        }

        int within(String key, Supplier<Integer> value, int least, int most) {
            String expected = "a number from " + least + " to " + most;
            int number = value(key, value, least, expected);
            if (number < least || number > most) {
                add(key + " '" + number + "': expected " + expected);
            }
            return number;
        }
    }
}
