package io.monitoringhub.plugin.filesystem;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What a person writes below {@code backends.<name>} in hub.yaml for type {@code filesystem}. Two underscores stand for one in a key. */
@ObjectClassDefinition(name = "Backend filesystem", description = "Entries as lines of JSON in files below one folder, each exactly once.")
public @interface FilesystemConfig {

    @AttributeDefinition(description = "The folder, for this backend alone; a relative one starts at the hub's data folder.")
    String path() default "data/events";

    @AttributeDefinition(description = "The files' names below the folder: text, '/' and the placeholders {source}, {type}, {date} and"
            + " {hour}, ended by an extension. Date and hour are those of the receipt by the hub, in time_zone.")
    String file() default "events-{date}.jsonl";

    @AttributeDefinition(description = "The time zone of {date}, {hour} and rotate, such as UTC or Europe/Berlin.")
    String time__zone() default "UTC";

    @AttributeDefinition(description = "When a file ends and one with the next number begins: never, or with each hour or day. A pattern"
            + " with {date} or {hour} has other names by then anyway.",
            options = {@Option(label = "Never", value = "never"), @Option(label = "Each hour", value = "hourly"),
                @Option(label = "Each day", value = "daily")})
    String rotate() default "daily";

    @AttributeDefinition(description = "The size in bytes that a file does not pass, at least 4096; 0 is no limit.", min = "0")
    long rotate__bytes() default 0;

    @AttributeDefinition(description = "Whether files that have ended are compressed.")
    boolean gzip() default false;

    @AttributeDefinition(description = "commit: what is committed is on the disk. never: it is with the operating system; a crash of the"
            + " hub takes nothing back, a power cut can lose committed entries.",
            options = {@Option(label = "Before each commit", value = "commit"), @Option(label = "Never", value = "never")})
    String fsync() default "commit";

    @AttributeDefinition(description = "How many files are kept open, 1 to 65536.", min = "1", max = "65536")
    int max__open__files() default 128;

    @AttributeDefinition(description = "How many milliseconds written entries may wait for their commit, 1 to 60000.", min = "1", max = "60000")
    int flush__ms() default 250;
}
