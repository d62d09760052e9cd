package io.monitoringhub.spi.transport;

import java.util.Objects;
import java.util.Optional;

/**
 * Who wants to submit messages. Immutable.
 *
 * @param peer who it is
 * @param token the secret that the peer showed, if any
 * @param key what names this submission for ever, if the peer can send it again: messages that came before under the same key, counted from
 *        the first, are known already and not stored twice
 */
public record SubmissionRequest(Peer peer, Optional<String> token, Optional<String> key) {

    public SubmissionRequest {
        Objects.requireNonNull(peer, "peer");
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(key, "key");
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "SubmissionRequest[peer=" + peer + ", key=" + key.orElse("none") + (token.isPresent() ? ", with token]" : "]");
    }
}
