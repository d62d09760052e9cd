package io.monitoringhub.ingest.access;

import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the bearer of one token may do. Immutable.
 *
 * @param name for people, logs and figures
 * @param hash of the token
 * @param sources globs: what it may send for; empty for every source
 * @param transports names of the transports that it is good for; empty for all
 * @param rate messages a second; empty for as many as the hub can take
 * @param mayRead whether it may also see what others have sent: traces and jobs
 */
public record TokenSettings(String name, TokenHash hash, List<String> sources, Set<String> transports, OptionalLong rate, boolean mayRead) {

    public TokenSettings {
        Objects.requireNonNull(hash, "hash");
        sources = List.copyOf(sources);
        transports = Set.copyOf(transports);
        if (name.isBlank() || rate.isPresent() && rate.getAsLong() < 1) {
            throw new IllegalArgumentException("a token needs a name and a rate of at least 1 a second, not '" + name + "' and " + rate);
        }
    }
}
