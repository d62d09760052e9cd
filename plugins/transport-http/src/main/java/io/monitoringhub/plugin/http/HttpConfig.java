package io.monitoringhub.plugin.http;

import org.osgi.service.component.annotations.ComponentPropertyType;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a person writes below {@code transports.<name>} for type {@code http}. */
@ComponentPropertyType
@ObjectClassDefinition(name = "HTTP transport", description = "Takes messages by HTTP requests, and serves the hub's pages.")
@interface HttpConfig {

    @AttributeDefinition(description = "Address to listen on. Only this machine can connect unless told otherwise.")
    String bind() default "127.0.0.1";

    @AttributeDefinition(description = "Port to listen on; 0 takes a free one.", min = "0", max = "65535")
    int port() default 17001;

    @AttributeDefinition(description = "PEM file with the server's certificate and those that lead from it to a root. With it, TLS is spoken.",
            required = false)
    String tls_certificate() default "";

    @AttributeDefinition(description = "PEM file with the certificate's private key, not encrypted.", required = false)
    String tls_key() default "";

    @AttributeDefinition(description = "PEM file with the authorities that clients' certificates must come from. With it, clients need one.",
            required = false)
    String tls_client__ca() default "";

    @AttributeDefinition(description = "Connections at the same time; further ones are closed at once.", min = "1", max = "1000000")
    int max__connections() default 1000;

    @AttributeDefinition(description = "Connections of one address at the same time.", min = "1", max = "1000000")
    int max__connections__per__peer() default 500;

    @AttributeDefinition(description = "Most bytes of a request's first line and headers.", min = "1024", max = "1048576")
    int max__header__bytes() default 8192;

    @AttributeDefinition(description = "Most bytes of a request's body as sent.", min = "1024", max = "268435456")
    int max__body__bytes() default 8388608;

    @AttributeDefinition(description = "Most bytes of a request's body after decompression.", min = "1024", max = "1073741824")
    int max__inflated__bytes() default 67108864;

    @AttributeDefinition(description = "Seconds after which a connection on which nothing happens is closed.", min = "1", max = "86400")
    int idle__timeout() default 30;

    @AttributeDefinition(description = "Seconds that a request's headers, or a TLS handshake, may take.", min = "1", max = "3600")
    int header__timeout() default 10;

    @AttributeDefinition(description = "Seconds that a request may take from its headers to its answer.", min = "1", max = "3600")
    int request__timeout() default 60;

    @AttributeDefinition(description = "Bytes a second that a body must come with on average, after its first five seconds.", min = "0",
            max = "1073741824")
    int min__body__rate() default 1024;
}
