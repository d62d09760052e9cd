package io.monitoringhub.plugin.postgresql;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What a person writes below {@code backends.<name>} in hub.yaml for type {@code postgresql}. Two underscores stand for one in a key. */
@ObjectClassDefinition(name = "Backend postgresql", description = "Entries as rows of a PostgreSQL or TimescaleDB table, each exactly once.")
public @interface PostgresqlConfig {

    @AttributeDefinition(description = "The database as a JDBC URL: jdbc:postgresql://host1:5432,host2:5432/database?sslmode=verify-full. Of"
            + " several hosts the one that takes writes is used.")
    String url();

    @AttributeDefinition(description = "The role to log in as.")
    String user();

    @AttributeDefinition(description = "The role's password; none for methods without one.", required = false)
    String _password() default "";

    @AttributeDefinition(description = "The schema that holds the tables and views: a lower-case letter or _, then up to 62 of these or digits.")
    String schema() default "monitoring";

    @AttributeDefinition(description = "What is done about the tables at start. apply: create or upgrade them. check: stop if they are not of"
            + " this version, and write the missing SQL into a file. none: neither.",
            options = {@Option(label = "Create or upgrade", value = "apply"), @Option(label = "Only check", value = "check"),
                @Option(label = "Nothing", value = "none")})
    String migrate() default "apply";

    @AttributeDefinition(description = "auto: when the tables are created in a database that has the TimescaleDB extension, they become"
            + " hypertables. off: native partitions in any case. Tables that exist stay what they are.",
            options = {@Option(label = "If the extension is there", value = "auto"), @Option(label = "Never", value = "off")})
    String timescale() default "auto";

    @AttributeDefinition(description = "After how many days entries are dropped, 1 to 36500; 0 keeps them.", min = "0", max = "36500")
    int retention__days() default 0;

    @AttributeDefinition(description = "With TimescaleDB: after how many days chunks are compressed, 1 to 36500; 0 never.", min = "0",
            max = "36500")
    int compress__days() default 7;

    @AttributeDefinition(description = "How many seconds one statement may take before the server gives it up, 1 to 3600.", min = "1",
            max = "3600")
    int statement__timeout__s() default 60;

    @AttributeDefinition(description = "How many seconds to wait for a lock in the database, 1 to 3600.", min = "1", max = "3600")
    int lock__timeout__s() default 20;

    @AttributeDefinition(description = "How many seconds one host may take to accept a connection, 1 to 600.", min = "1", max = "600")
    int connect__timeout__s() default 10;

    @AttributeDefinition(description = "How many milliseconds the first entry of a transaction may wait for more, 0 to 60000. A small value"
            + " saves transactions where entries come one by one.", min = "0", max = "60000")
    int linger__ms() default 0;
}
