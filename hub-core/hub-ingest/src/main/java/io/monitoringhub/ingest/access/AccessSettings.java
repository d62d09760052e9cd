package io.monitoringhub.ingest.access;

import java.util.List;
import java.util.Set;

/**
 * Who may send. Immutable.
 *
 * @param wantsTokens whether a token is needed at all; with no tokens nobody is let in then, but through {@code anonymous}
 * @param tokens those that are known
 * @param anonymous names of the transports that need no token
 * @param maxBadLines refused lines in a row after which a plain connection is ended; 0 for never
 */
public record AccessSettings(boolean wantsTokens, List<TokenSettings> tokens, Set<String> anonymous, int maxBadLines) {

    /** Everybody who can connect, and 1,000 bad lines in a row. */
    public static final AccessSettings OPEN = new AccessSettings(false, List.of(), Set.of(), 1_000);

    public AccessSettings {
        tokens = List.copyOf(tokens);
        anonymous = Set.copyOf(anonymous);
        if (maxBadLines < 0) {
            throw new IllegalArgumentException("maxBadLines is " + maxBadLines + ": expected 0 or more");
        }
    }
}
