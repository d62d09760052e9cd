package io.monitoringhub.plugin.cloudwatch;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What a person writes below {@code backends.<name>} in hub.yaml for type {@code cloudwatch}. Two underscores stand for one in a key. */
@ObjectClassDefinition(name = "Backend cloudwatch", description = "Entries to Amazon CloudWatch Logs, numbers to CloudWatch metrics.")
public @interface CloudwatchConfig {

    @AttributeDefinition(description = "The AWS region, such as eu-central-1; without it that of the environment (AWS_REGION, profile, instance).",
            required = false)
    String region() default "";

    @AttributeDefinition(description = "The address of CloudWatch Logs where it is not the region's own, such as a VPC endpoint: http(s)://host:port.",
            required = false)
    String logs__endpoint() default "";

    @AttributeDefinition(description = "The address of CloudWatch metrics where it is not the region's own.", required = false)
    String metrics__endpoint() default "";

    @AttributeDefinition(description = "The access key id; without it the SDK's default chain looks for credentials.", required = false)
    String access__key() default "";

    @AttributeDefinition(description = "The secret access key that belongs to access_key.", required = false)
    String _secret__key() default "";

    @AttributeDefinition(description = "The session token of temporary credentials.", required = false)
    String _session__token() default "";

    @AttributeDefinition(description = "The log group's name: text and the placeholders {source}, {type}, {date} and {host}. The date is that of"
            + " the entry's time stamp, in UTC.")
    String log__group() default "monitoring-hub";

    @AttributeDefinition(description = "The log stream's name, with the same placeholders.")
    String log__stream() default "{source}/{date}";

    @AttributeDefinition(description = "Whether log groups and log streams that are missing are created.")
    boolean create() default true;

    @AttributeDefinition(description = "After how many days CloudWatch deletes the events of a group that this backend creates: 0 for never, or"
            + " one of the numbers that CloudWatch knows, such as 7, 30 or 365.", min = "0", max = "3653")
    int retention__days() default 0;

    @AttributeDefinition(description = "Which types become metrics instead of log events: all of metric and resource, one of them, or none.",
            options = {@Option(label = "Metric and resource", value = "all"), @Option(label = "Metric", value = "metric"),
                @Option(label = "Resource", value = "resource"), @Option(label = "None", value = "none")})
    String metric__types() default "all";

    @AttributeDefinition(description = "The namespace of the metrics.")
    String namespace() default "MonitoringHub";

    @AttributeDefinition(description = "The tags of a metric that become dimensions, by name; * for all of them, none for none.")
    String[] dimensions() default {"*"};

    @AttributeDefinition(description = "Whether a metric's source becomes the dimension 'source'.")
    boolean source__dimension() default true;

    @AttributeDefinition(description = "Whether metrics are stored by the second instead of by the minute, which costs more.")
    boolean high__resolution() default false;

    @AttributeDefinition(description = "What happens to an entry whose time stamp CloudWatch does not take (older than 14 days or the group's"
            + " retention, or more than 2 hours ahead). send: it is sent with the time of its receipt, or of sending. reject: it is a dead letter.",
            options = {@Option(label = "Send with another time", value = "send"), @Option(label = "Reject", value = "reject")})
    String outside__window() default "send";

    @AttributeDefinition(description = "How many requests are under way at a time; those to one log stream follow each other.", min = "1", max = "64")
    int connections() default 4;

    @AttributeDefinition(description = "How many milliseconds an answer may take.", min = "100", max = "240000")
    int timeout__ms() default 30_000;

    @AttributeDefinition(description = "How many milliseconds the first entry of a batch may wait for company.", min = "0", max = "60000")
    int linger__ms() default 500;
}
