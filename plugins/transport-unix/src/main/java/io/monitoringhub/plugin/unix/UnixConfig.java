package io.monitoringhub.plugin.unix;

import org.osgi.service.component.annotations.ComponentPropertyType;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a person writes below {@code transports.<name>} for type {@code unix}. */
@ComponentPropertyType
@ObjectClassDefinition(name = "Unix socket transport", description = "Takes newline-terminated JSON messages over a Unix domain socket.")
@interface UnixConfig {

    @AttributeDefinition(description = "The socket's file; a relative path starts at the hub's data folder.")
    String path() default "run/ingest.sock";

    @AttributeDefinition(description = "Who may connect, as the octal rights of the file: 0600 to 0777.")
    String mode() default "0660";

    @AttributeDefinition(description = "The file's group; that of the hub's process if there is none.", required = false)
    String group() default "";

    @AttributeDefinition(description = "Users whose processes may connect; all that the file's rights let in if there are none.",
            required = false)
    String[] allow__users() default {};

    @AttributeDefinition(description = "Connections at the same time; further ones are closed at once.", min = "1", max = "1000000")
    int max__connections() default 10000;

    @AttributeDefinition(description = "Connections of one user at the same time; 0 is no limit.", min = "0", max = "1000000")
    int max__connections__per__peer() default 0;

    @AttributeDefinition(description = "Seconds after which a connection is ended that sends no line, not even a heartbeat; 0 is never.",
            min = "0", max = "31536000")
    int idle__timeout() default 0;

    @AttributeDefinition(description = "Threads that read and decode; 0 takes one per processor.", min = "0", max = "1024")
    int io__threads() default 0;

    @AttributeDefinition(description = "Most bytes taken by one read of one connection.", min = "2048", max = "1048576")
    int read__bytes() default 262144;
}
