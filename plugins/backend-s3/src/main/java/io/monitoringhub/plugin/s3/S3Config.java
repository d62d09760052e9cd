package io.monitoringhub.plugin.s3;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What a person writes below {@code backends.<name>} in hub.yaml for type {@code s3}. Two underscores stand for one in a key. */
@ObjectClassDefinition(name = "Backend s3", description = "Entries as objects of JSON lines in Amazon S3 or a store like it, each exactly once.")
public @interface S3Config {

    @AttributeDefinition(description = "The bucket. It must be there.")
    String bucket();

    @AttributeDefinition(required = false, description = "The bucket's region, such as eu-central-1. Without it: what the environment or the"
            + " profile says, and us-east-1 where endpoint is given.")
    String region() default "";

    @AttributeDefinition(required = false, description = "The address of a store other than Amazon's, such as https://minio.example.org:9000.")
    String endpoint() default "";

    @AttributeDefinition(description = "Whether the bucket stands in the path of addresses instead of in the host name. Most stores other than"
            + " Amazon's need it.")
    boolean path__style() default false;

    @AttributeDefinition(description = "The objects' keys: text, '/' and the placeholders {source}, {type}, {date}, {hour} and, once and in the"
            + " last part, {offsets}. Date and hour are those of the receipt by the hub, in time_zone. The extension is added.")
    String key() default "events/{date}/{hour}/{source}/{offsets}";

    @AttributeDefinition(description = "The time zone of {date} and {hour}, such as UTC or Europe/Berlin.")
    String time__zone() default "UTC";

    @AttributeDefinition(description = "How objects are compressed.", options = {@Option(label = "gzip", value = "gzip"),
        @Option(label = "zstd", value = "zstd"), @Option(label = "Not at all", value = "none")})
    String compression() default "gzip";

    @AttributeDefinition(description = "How many bytes of messages, before compression, are put at a time, in one object or in one for each"
            + " key; 65536 to 1073741824. Must be less than max_in_flight of the lane.", min = "65536", max = "1073741824")
    int roll__size() default 33_554_432;

    @AttributeDefinition(description = "How many milliseconds after its first entry an object is put at the latest, 0 to 86400000.",
            min = "0", max = "86400000")
    int roll__after__ms() default 60_000;

    @AttributeDefinition(description = "Objects larger than this many bytes are sent in parts of this size, 5242880 to 268435456. So much memory"
            + " is needed.", min = "5242880", max = "268435456")
    int part__size() default 8_388_608;

    @AttributeDefinition(description = "How many milliseconds one request may take, 1000 to 3600000.", min = "1000", max = "3600000")
    int request__timeout__ms() default 60_000;

    @AttributeDefinition(required = false, description = "The access key id. Without it: environment, system properties, profile, container or"
            + " instance.")
    String access__key() default "";

    @AttributeDefinition(required = false, description = "The secret access key, given with access_key.")
    String _secret__key() default "";

    @AttributeDefinition(required = false, description = "The session token, with temporary keys.")
    String _session__token() default "";

    @AttributeDefinition(description = "Encryption by the store: bucket takes what the bucket says.", options = {
        @Option(label = "As the bucket says", value = "bucket"), @Option(label = "AES256", value = "AES256"),
        @Option(label = "aws:kms", value = "aws:kms")})
    String sse() default "bucket";

    @AttributeDefinition(required = false, description = "The id or ARN of the key, for sse: aws:kms; the account's own S3 key without it.")
    String sse__kms__key() default "";

    @AttributeDefinition(required = false, description = "The storage class of the objects, such as STANDARD_IA; the store's default without it.")
    String storage__class() default "";
}
