package io.monitoringhub.plugin.elasticsearch;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What a person writes below {@code backends.<name>} in hub.yaml for type {@code elasticsearch}. Two underscores stand for one in a key. */
@ObjectClassDefinition(name = "Backend elasticsearch", description = "Entries as documents of Elasticsearch or OpenSearch, each exactly once.")
public @interface ElasticsearchConfig {

    @AttributeDefinition(description = "The cluster's nodes that take requests, such as https://es1:9200; they take turns.")
    String[] hosts() default "http://localhost:9200";

    @AttributeDefinition(description = "The indices' names: text and the placeholders {date}, {month} and {type}. Date and month are those of"
            + " the receipt by the hub, in UTC.")
    String index() default "monitoring-hub-{date}";

    @AttributeDefinition(description = "Whether index names a data stream. A redelivery across its rollover can double entries.")
    boolean data__stream() default false;

    @AttributeDefinition(description = "Whether the backend creates and updates an index template for its indices when it opens.")
    boolean template() default true;

    @AttributeDefinition(description = "Component templates that the index template is composed of: settings, lifecycle policies.",
            required = false)
    String[] component__templates() default {};

    @AttributeDefinition(description = "User of basic authentication.", required = false)
    String user() default "";

    @AttributeDefinition(description = "The user's password.", required = false)
    String _password() default "";

    @AttributeDefinition(description = "API key, in the form that the server calls encoded.", required = false)
    String _api__key() default "";

    @AttributeDefinition(description = "Bearer token, such as a service account's.", required = false)
    String _token() default "";

    @AttributeDefinition(description = "PEM file with the authorities that servers' certificates must come from. Without it, the JVM's.",
            required = false)
    String tls_ca() default "";

    @AttributeDefinition(description = "SHA-256 fingerprint, in hexadecimal digits, of the server's certificate or of the one that signed it."
            + " It takes the place of tls.ca and of the comparison of the host's name.", required = false)
    String tls_fingerprint() default "";

    @AttributeDefinition(description = "full: the server's certificate and name are checked. none: nothing is, anybody can be the server.",
            options = {@Option(label = "Certificate and name", value = "full"), @Option(label = "Nothing", value = "none")})
    String tls_verify() default "full";

    @AttributeDefinition(description = "Whether requests are compressed.")
    boolean gzip() default true;

    @AttributeDefinition(description = "The size in bytes, before compression, that a request does not pass; a single entry may.",
            min = "1048576", max = "67108864")
    int max__body__bytes() default 5242880;

    @AttributeDefinition(description = "How many milliseconds entries may wait for company, 0 to 60000.", min = "0", max = "60000")
    int linger__ms() default 100;

    @AttributeDefinition(description = "How many milliseconds a connection may take, 1 to 600000.", min = "1", max = "600000")
    int connect__timeout__ms() default 5000;

    @AttributeDefinition(description = "How many milliseconds a request may take, 1 to 600000.", min = "1", max = "600000")
    int request__timeout__ms() default 60000;
}
