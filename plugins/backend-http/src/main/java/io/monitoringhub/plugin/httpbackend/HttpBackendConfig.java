package io.monitoringhub.plugin.httpbackend;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What a person writes below {@code backends.<name>} in hub.yaml for type {@code http}. Two underscores stand for one in a key. */
@ObjectClassDefinition(name = "Backend HTTP", description = "Entries by HTTP requests to another hub, or to any service.")
@interface HttpBackendConfig {

    @AttributeDefinition(description = "Where requests go: http://host:port/path, or https. For a hub the path can be left out.")
    String url();

    @AttributeDefinition(description = "hub: the other side is a hub with transport-http; it stores every entry once. service: anything else.",
            options = {@Option(label = "Another hub", value = "hub"), @Option(label = "Any service", value = "service")})
    String receiver() default "hub";

    @AttributeDefinition(description = "The method of requests.", options = {@Option(label = "POST", value = "POST"),
        @Option(label = "PUT", value = "PUT"), @Option(label = "PATCH", value = "PATCH")})
    String method() default "POST";

    @AttributeDefinition(description = "Further headers, each as 'Name: value'. {source}, {count}, {first_offset}, {last_offset}, {log_id},"
            + " {lane} and {key} are replaced.", required = false)
    String[] headers() default {};

    @AttributeDefinition(description = "How entries make a body: ldjson is one a line, array a JSON array, events {\"events\":[..]},"
            + " template what body_prefix, body_separator and body_suffix say.",
            options = {@Option(label = "One a line", value = "ldjson"), @Option(label = "JSON array", value = "array"),
                @Option(label = "Object with events", value = "events"), @Option(label = "As told", value = "template")})
    String format() default "ldjson";

    @AttributeDefinition(description = "What stands before the first entry with format template; with the same replacements as in headers.",
            required = false)
    String body__prefix() default "";

    @AttributeDefinition(description = "What stands between two entries with format template.", required = false)
    String body__separator() default "";

    @AttributeDefinition(description = "What stands behind the last entry with format template; with the same replacements as in headers.",
            required = false)
    String body__suffix() default "";

    @AttributeDefinition(description = "Content-Type of the body; else what the format is.", required = false)
    String content__type() default "";

    @AttributeDefinition(description = "Whether bodies are compressed.")
    boolean gzip() default false;

    @AttributeDefinition(description = "Most entries of one request, 1 to 10000.", min = "1", max = "10000")
    int batch__entries() default 5000;

    @AttributeDefinition(description = "Most bytes of messages in one request, before compression.", min = "65536", max = "67108864")
    int batch__bytes() default 1048576;

    @AttributeDefinition(description = "Sent as Authorization: Bearer.", required = false)
    String _token() default "";

    @AttributeDefinition(description = "User for basic authentication.", required = false)
    String user() default "";

    @AttributeDefinition(description = "Password for basic authentication.", required = false)
    String _password() default "";

    @AttributeDefinition(description = "PEM file with the authorities that the server's certificate must come from; else those of Java.",
            required = false)
    String tls_ca() default "";

    @AttributeDefinition(description = "PEM file with the certificate to show to the server, and those that lead from it to a root.",
            required = false)
    String tls_certificate() default "";

    @AttributeDefinition(description = "PEM file with that certificate's private key, not encrypted.", required = false)
    String tls_key() default "";

    @AttributeDefinition(description = "Seconds that a request may take up to the end of its answer.", min = "1", max = "3600")
    int timeout() default 60;

    @AttributeDefinition(description = "Seconds that a connection may take to come about, TLS included.", min = "1", max = "3600")
    int connect__timeout() default 10;
}
