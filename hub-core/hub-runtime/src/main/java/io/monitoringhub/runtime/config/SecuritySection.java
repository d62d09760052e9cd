package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code security}: who may send. For names and the JSON Schema; {@link SecurityReader} reads it, as the token file has the same form. Immutable. */
record SecuritySection(
        @Setting(says = "Who may send, by a name of your choice.") Map<String, TokenKeys> tokens,
        @Setting(says = "File with further tokens; a relative path starts in the data folder.") Optional<String> tokenFile,
        @Setting(says = "Transports over which anybody may send without a token.") List<String> anonymous,
        @Setting(says = "After how many refused lines in a row a plain connection is closed; 0 is never.", standard = "1000", least = "0",
                most = "999999999") int maxBadLines) {
}
