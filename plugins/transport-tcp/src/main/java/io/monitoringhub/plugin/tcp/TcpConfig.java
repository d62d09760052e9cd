package io.monitoringhub.plugin.tcp;

import org.osgi.service.component.annotations.ComponentPropertyType;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a person writes below {@code transports.<name>} for type {@code tcp}. */
@ComponentPropertyType
@ObjectClassDefinition(name = "TCP transport", description = "Takes newline-terminated JSON messages over TCP.")
@interface TcpConfig {

    @AttributeDefinition(description = "Address to listen on. Only this machine can connect unless told otherwise.")
    String bind() default "127.0.0.1";

    @AttributeDefinition(description = "Port to listen on; 0 takes a free one.", min = "0", max = "65535")
    int port() default 17000;

    @AttributeDefinition(description = "Connections at the same time; further ones are closed at once.", min = "1", max = "1000000")
    int max__connections() default 10000;

    @AttributeDefinition(description = "Connections of one address at the same time; 0 is no limit.", min = "0", max = "1000000")
    int max__connections__per__peer() default 0;

    @AttributeDefinition(description = "Seconds after which a connection is ended that sends no line, not even a heartbeat; 0 is never.",
            min = "0", max = "31536000")
    int idle__timeout() default 0;

    @AttributeDefinition(description = "Threads that read and decode; 0 takes one per processor.", min = "0", max = "1024")
    int io__threads() default 0;

    @AttributeDefinition(description = "Most bytes taken by one read of one connection.", min = "2048", max = "1048576")
    int read__bytes() default 262144;

    @AttributeDefinition(description = "The server's certificate and those above it, in PEM; with it, TLS is spoken and nothing else.",
            required = false)
    String tls_certificate() default "";

    @AttributeDefinition(description = "The private key of the certificate, in PEM (PKCS#8, not encrypted).", required = false)
    String tls_key() default "";

    @AttributeDefinition(description = "Who signs the certificates of clients, in PEM; with it, a client must show one.", required = false)
    String tls_client__ca() default "";

    @AttributeDefinition(description = "Versions of TLS that are spoken, of TLSv1.3 and TLSv1.2; both if there are none.", required = false)
    String[] tls_protocols() default {};

    @AttributeDefinition(description = "Cipher suites by their names in the JDK; those that the JDK prefers if there are none.",
            required = false)
    String[] tls_ciphers() default {};

    @AttributeDefinition(description = "Seconds that a TLS handshake may take, and as long again the first line after it.", min = "1",
            max = "3600")
    int tls_handshake__timeout() default 10;
}
