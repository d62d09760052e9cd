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

    @AttributeDefinition(description = "Threads that read and decode; 0 takes one per processor.", min = "0", max = "1024")
    int io__threads() default 0;

    @AttributeDefinition(description = "Most bytes taken by one read of one connection.", min = "2048", max = "1048576")
    int read__bytes() default 262144;
}
