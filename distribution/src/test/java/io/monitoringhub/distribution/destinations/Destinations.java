package io.monitoringhub.distribution.destinations;

import io.monitoringhub.testservers.ElasticsearchServer;
import io.monitoringhub.testservers.OpenSearchServer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** Every backend that is shipped, with its destination. */
public final class Destinations {

    private Destinations() {
    }

    /** One new destination each, not yet started. */
    public static Stream<Named<Supplier<Destination>>> all() {
        return Stream.of(
                Named.of("filesystem", FilesystemDestination::new),
                Named.of("http", HttpDestination::new),
                Named.of("s3", S3Destination::new),
                Named.of("elasticsearch", () -> new SearchDestination(ElasticsearchServer::new)),
                Named.of("opensearch", () -> new SearchDestination(OpenSearchServer::new)),
                Named.of("cloudwatch", CloudwatchDestination::new),
                Named.of("postgresql", PostgresqlDestination::new));
    }
}
