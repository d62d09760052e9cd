package io.monitoringhub.spi.transport;

import java.util.List;
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

    /**
     * The same for lines whose numbers have gaps. A number that was left out can't be made up for: what comes with it later is known.
     *
     * @param runs how the numbers go on, see {@link NumberedLines#runs}
     */
    public static SubmissionRequest forClient(Peer peer, Optional<String> token, UUID client, long next, List<Long> runs) {
        return new SubmissionRequest(peer, token, Optional.empty(), Optional.of(new NumberedLines(client, next, runs)));
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
     * @param runs so many lines with numbers that follow each other, so many numbers left out, so many lines, and so on, each at least 1;
     *        lines behind the last of them go on without a gap
     */
    public record NumberedLines(UUID client, long next, List<Long> runs) {
        public NumberedLines {
            Objects.requireNonNull(client, "client");
            runs = List.copyOf(runs);
            if (next < 1) {
                throw new IllegalArgumentException("lines are numbered from 1, not from " + next);
            }
            long room = Long.MAX_VALUE - next;
            for (long run : runs) {
                room -= run;
                if (run < 1 || room < 0) {
                    throw new IllegalArgumentException("runs of lines and gaps have at least 1 each, and no more than there are numbers: " + run);
                }
            }
        }

        /** Lines whose numbers have no gaps. */
        public NumberedLines(UUID client, long next) {
            this(client, next, List.of());
        }
    }
}
