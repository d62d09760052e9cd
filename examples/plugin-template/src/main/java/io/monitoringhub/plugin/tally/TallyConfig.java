package io.monitoringhub.plugin.tally;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * What a person writes below {@code backends.<name>} in hub.yaml for type {@code tally}. Types, defaults and descriptions travel inside the
 * jar. Two underscores in a method's name are one in the key; a secret starts with one, as in {@code _password()}, and is then
 * seen by this component only.
 */
@ObjectClassDefinition(name = "Backend tally", description = "Counts entries per source and type in one file, each entry exactly once.")
public @interface TallyConfig {

    @AttributeDefinition(description = "The file, for this backend alone; a relative one starts at the hub's data folder.")
    String path() default "data/tally.tsv";

    @AttributeDefinition(description = "How many sources have rows of their own, 1 to 1000000; entries of any further source are counted as"
            + " source *.", min = "1", max = "1000000")
    int max__sources() default 10_000;
}
