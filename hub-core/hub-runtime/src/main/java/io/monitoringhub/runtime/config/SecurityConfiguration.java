package io.monitoringhub.runtime.config;

import io.monitoringhub.ingest.access.AccessSettings;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Who may send. Immutable; shows no token.
 *
 * @param access tokens and limits, those of the token file among them
 * @param tokenFile where more tokens stand; to be read again when it changes
 */
public record SecurityConfiguration(AccessSettings access, Optional<Path> tokenFile) {

    public SecurityConfiguration {
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(tokenFile, "tokenFile");
    }
}
