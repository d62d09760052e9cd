package io.monitoringhub.spi.transport;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Who wants to submit messages. Immutable.
 *
 * @param peer who it is
 * @param token the secret that the peer showed, if any
 * @param key what names this submission for ever, if the peer can send it again: messages that came before under the same key, counted from
 *        the first, are known already and not stored twice
 * @param lines whose lines these are, if a client has numbered them already; there is no key then
 */
public record SubmissionRequest(Peer peer, Optional<String> token, Optional<String> key, Optional<NumberedLines> lines) {

    public SubmissionRequest {
        Objects.requireNonNull(peer, "peer");
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(lines, "lines");
        if (key.isPresent() && lines.isPresent()) {
            throw new IllegalArgumentException("numbered lines have no key: client and number name them");
        }
    }

    /** One whose messages have no numbers yet. */
    public SubmissionRequest(Peer peer, Optional<String> token, Optional<String> key) {
        this(peer, token, key, Optional.empty());
    }

    /**
     * Submits lines on behalf of a client, as its {@code hello} with these two would: those that the hub has are known. While the client
     * itself is connected such a submission is refused as {@link SubmissionRefusedException.Reason#SUPERSEDED}.
     *
     * @param client the client's id
     * @param next the number of the first line, from 1
     */
    public static SubmissionRequest forClient(Peer peer, Optional<String> token, UUID client, long next) {
        return new SubmissionRequest(peer, token, Optional.empty(), Optional.of(new NumberedLines(client, next)));
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "SubmissionRequest[peer=" + peer + ", key=" + key.orElse("none") + lines.map(numbered -> ", " + numbered).orElse("")
                + (token.isPresent() ? ", with token]" : "]");
    }

    /**
     * Where lines stand among those of their client. Immutable.
     *
     * @param client the client's id
     * @param next the number of the first line, from 1
     */
    public record NumberedLines(UUID client, long next) {
        public NumberedLines {
            Objects.requireNonNull(client, "client");
            if (next < 1) {
                throw new IllegalArgumentException("lines are numbered from 1, not from " + next);
            }
        }
    }
}
