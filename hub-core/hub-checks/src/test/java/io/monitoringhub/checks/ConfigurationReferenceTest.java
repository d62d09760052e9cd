package io.monitoringhub.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/configuration-reference.md says what the hub and its plugins say of their keys. */
class ConfigurationReferenceTest {

    private static final Reactor REACTOR = Reactor.current();
    private static final Path FILE = REACTOR.root().resolve("docs/configuration-reference.md");
    private static final String HOW = """
            docs/configuration-reference.md is not what the keys say of themselves. Write it with
                ./mvnw -pl hub-core/hub-checks -am verify -DskipITs -Dtest=ConfigurationReferenceTest -Dsurefire.failIfNoSpecifiedTests=false -Dapi.approve=true
            and commit it together with the change.
            """;

    @Test
    void theReferenceIsWhatTheKeysSay() throws IOException {
        String now = new ConfigurationReference(REACTOR).markdown();
        if (Boolean.getBoolean("api.approve")) {
            Files.writeString(FILE, now);
        }
        assertThat(FILE).as(HOW).exists().content().as(HOW).isEqualTo(now);
    }
}
