package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testservers.MotoServer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogGroup;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogStream;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;

/** A real server for one test class, and what it holds. Used by one thread at a time. */
final class Cloud implements AutoCloseable {

    private static final Pattern IDENTITY = Pattern.compile(",\"log_id\":\"([^\"]*)\",\"log_offset\":(\\d+)}\\z");

    private final MotoServer server;
    private final Clients clients;

    Cloud(Path folder) throws Exception {
        server = new MotoServer(folder);
        server.start();
        URI uri = server.uri();
        clients = new Clients(new CloudwatchSettings.Access(Optional.of("eu-central-1"), Optional.of(uri), Optional.of(uri),
                Optional.of(new CloudwatchSettings.Keys("test", "test", Optional.empty())), 30_000));
    }

    MotoServer server() {
        return server;
    }

    Clients clients() {
        return clients;
    }

    /** A name that no other test uses. */
    static String name() {
        return "test-" + UUID.randomUUID();
    }

    /** A configuration for this server. */
    CloudwatchConfig config(Map<String, Object> others) {
        return config(server.uri(), others);
    }

    static CloudwatchConfig config(URI uri, Map<String, Object> others) {
        Map<String, Object> values = new HashMap<>(Map.of("region", "eu-central-1", "logs_endpoint", uri.toString(), "metrics_endpoint", uri.toString(),
                "access_key", "test", ".secret_key", "test"));
        values.putAll(others);
        return ComponentConfig.of(CloudwatchConfig.class, values);
    }

    /** What a stream holds, in CloudWatch's order. */
    List<OutputLogEvent> events(String group, String stream) {
        List<OutputLogEvent> all = new ArrayList<>();
        String token = null;
        while (true) {
            String from = token;
            GetLogEventsResponse page = clients.logs().getLogEvents(ask -> ask.logGroupName(group).logStreamName(stream).startFromHead(true)
                    .limit(10_000).nextToken(from));
            all.addAll(page.events());
            if (page.nextForwardToken().equals(token) || page.events().isEmpty()) {
                return all;
            }
            token = page.nextForwardToken();
        }
    }

    List<String> streams(String group) {
        return clients.logs().describeLogStreams(ask -> ask.logGroupName(group)).logStreams().stream().map(LogStream::logStreamName).sorted().toList();
    }

    Optional<LogGroup> group(String name) {
        return clients.logs().describeLogGroups(ask -> ask.logGroupNamePrefix(name)).logGroups().stream().findFirst();
    }

    List<Metric> metrics(String namespace) {
        return clients.metrics().listMetrics(ask -> ask.namespace(namespace)).metrics();
    }

    /** The message as the client sent it. */
    static String original(String stored) {
        return stored.substring(0, identity(stored).start()) + "}";
    }

    static long offset(String stored) {
        return Long.parseLong(identity(stored).group(2));
    }

    static String logId(String stored) {
        return identity(stored).group(1);
    }

    private static Matcher identity(String stored) {
        Matcher matcher = IDENTITY.matcher(stored);
        if (!matcher.find()) {
            throw new AssertionError("no log_id and log_offset at the end of " + stored);
        }
        return matcher;
    }

    @Override
    public void close() throws Exception {
        clients.close();
        server.close();
    }
}
