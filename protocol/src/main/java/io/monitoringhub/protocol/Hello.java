package io.monitoringhub.protocol;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * The line with which a client asks for an acknowledged session. Immutable.
 *
 * @param source who sends
 * @param timestamp when, in Unix milliseconds of the client's clock
 * @param clientId the identity of this instance of the SDK
 * @param next the number of the first line after this one, at least 1
 * @param sdk name and version of the SDK, empty if it did not say
 * @param token the shared secret, if the client has one
 * @param compress the compressions that the client can do, the one that it likes best first
 */
public record Hello(String source, long timestamp, UUID clientId, long next, String sdk, Optional<String> token, List<String> compress) {

    public Hello {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(sdk, "sdk");
        Objects.requireNonNull(token, "token");
        compress = List.copyOf(compress);
        if (next < 1) {
            throw new IllegalArgumentException("next is " + next + ": the first line of a client has number 1");
        }
    }

    /** The client's identity in its one canonical spelling: lower case. */
    public String client() {
        return clientId.toString();
    }

    /** Everything but the token. */
    @Override
    public String toString() {
        return "Hello[source=" + source + ", client=" + clientId + ", next=" + next + ", sdk=" + sdk
                + (token.isPresent() ? ", with token]" : "]");
    }
}
