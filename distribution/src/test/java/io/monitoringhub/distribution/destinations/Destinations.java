package io.monitoringhub.distribution.destinations;

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
                Named.of("filesystem", FilesystemDestination::new));
    }
}
