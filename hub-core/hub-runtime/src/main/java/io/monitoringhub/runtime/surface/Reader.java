package io.monitoringhub.runtime.surface;

import io.monitoringhub.runtime.engine.HubEngine;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;

/**
 * Who wants to see what others have sent. Immutable.
 *
 * @param token as it was shown, if any was
 */
record Reader(Optional<String> token) {

    static final String REFUSED = "this hub wants a token that may read: 'Authorization: Bearer ...', and read: true at the token in hub.yaml";

    private static final String BEARER = "Bearer ";

    static Reader of(HttpServletRequest request) {
        return new Reader(Optional.ofNullable(request.getHeader("Authorization")).filter(value -> value.startsWith(BEARER))
                .map(value -> value.substring(BEARER.length()).strip()));
    }

    boolean isAllowed(HubEngine engine) {
        return engine.mayRead(token);
    }

    /** What to answer who is not. */
    int refusal() {
        return token.isPresent() ? HttpServletResponse.SC_FORBIDDEN : HttpServletResponse.SC_UNAUTHORIZED;
    }
}
