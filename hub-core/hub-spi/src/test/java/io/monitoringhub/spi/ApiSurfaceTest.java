package io.monitoringhub.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What plugins of other people are compiled against changes only on purpose, and visibly in a diff. */
class ApiSurfaceTest {

    private static final Path APPROVED = Path.of("src/test/resources/api-surface.txt");
    private static final String HOW = """
            The SPI is not what src/test/resources/api-surface.txt says (- approved, + now).
            If the change is meant: raise the version in that package's package-info.java (something added: minor; something removed or
            changed: major, and every plugin must be rebuilt), then approve it with
                mvn -pl hub-core/hub-spi test -Dtest=ApiSurfaceTest -Dapi.approve=true
            and commit the file together with the change.
            """;

    @Test
    void isWhatWasApproved() throws IOException {
        List<String> now = new ApiSurface(Path.of("src/main/java"), Path.of("target/classes")).lines();
        if (Boolean.getBoolean("api.approve")) {
            Files.createDirectories(APPROVED.getParent());
            Files.writeString(APPROVED, String.join("\n", now) + "\n");
        }
        List<String> approved = Files.exists(APPROVED) ? Files.readAllLines(APPROVED) : List.of();
        assertThat(difference(approved, now)).as(HOW).isEmpty();
    }

    @Test
    void seesThePackagesTypesAndMarkers() throws IOException {
        List<String> now = new ApiSurface(Path.of("src/main/java"), Path.of("target/classes")).lines();
        assertThat(now).anyMatch(line -> line.matches("io\\.monitoringhub\\.spi\\.backend package [\\d.]+ exported"))
                .anyMatch(line -> line.matches("io\\.monitoringhub\\.spi\\.backend\\.Backend public interface.* @ConsumerType"))
                .anyMatch(line -> line.matches("io\\.monitoringhub\\.spi\\.backend\\.DeliveryException public abstract sealed class .* permits .*"));
    }

    private static List<String> difference(List<String> approved, List<String> now) {
        List<String> difference = new ArrayList<>();
        approved.stream().filter(line -> !now.contains(line)).forEach(line -> difference.add("- " + line));
        now.stream().filter(line -> !approved.contains(line)).forEach(line -> difference.add("+ " + line));
        return difference;
    }
}
