package io.monitoringhub.plugin.spool;

import org.osgi.service.component.annotations.ComponentPropertyType;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a person writes below {@code transports.<name>} for type {@code spool}. */
@ComponentPropertyType
@ObjectClassDefinition(name = "Spool transport", description = "Takes the files that SDKs and scripts leave in folders, each exactly once.")
@interface SpoolConfig {

    @AttributeDefinition(description = "Folders whose files are taken; a relative one starts at the hub's data folder. The last part may be a"
            + " pattern, as in /tmp/monitoring-spool-*.")
    String[] path() default "spool";

    @AttributeDefinition(description = "How often to look, where the system does not tell of new files; 10ms to 1h.")
    String poll() default "1s";

    @AttributeDefinition(description = "How long taken files are kept in done/; 0s deletes them at once.")
    String keep() default "0s";

    @AttributeDefinition(description = "How long a file that somebody works on must rest, unlocked, before it counts as left behind.")
    String abandoned__after() default "5m";

    @AttributeDefinition(description = "Largest file that is taken; a larger one goes to bad/.")
    String max__file() default "1GB";

    @AttributeDefinition(description = "What to show to a hub that wants tokens.", required = false)
    String _token() default "";
}
