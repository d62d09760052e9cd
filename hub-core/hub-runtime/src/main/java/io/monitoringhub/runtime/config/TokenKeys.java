package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;
import java.util.List;
import java.util.Optional;

/** The keys of one token in {@code security.tokens} and in the token file: which there are, and the JSON Schema. {@link SecurityReader} reads them. Immutable. */
record TokenKeys(
        @Setting(says = "The secret, 16 to 4096 characters; either this or sha256.", secret = true) Optional<String> token,
        @Setting(says = "The SHA-256 of the secret in hexadecimal digits, so that the file holds no secret.") Optional<String> sha256,
        @Setting(says = "Globs over the whole of src: who may be named as the sender; left out: everybody.") List<String> sources,
        @Setting(says = "Names of the transports that the token is good for; left out: all.") List<String> transports,
        @Setting(says = "Messages a second for all who bear the token together, as in 20000/s; left out: no limit.") Optional<String> rate,
        @Setting(says = "Whether it may also see what others have sent.", standard = "false") boolean read) {
}
