package io.monitoringhub.sdk.direct;

import io.monitoringhub.sdk.internal.SpoolPlace;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What direct mode needs to know, validated. Immutable.
 *
 * @param source who sends
 * @param backends where to, each with how it is used
 * @param delivery to all of them, or to the first that works
 * @param spool where batches go that memory can't hold; empty: nowhere
 * @param stagingBytes what the application may be ahead of the dispatcher
 * @param backoffMin first upper limit of the pause before the next try
 * @param backoffMax last upper limit of it
 * @param clock dates batches
 */
public record DirectSettings(String source, List<Used> backends, DeliveryMode delivery, Optional<SpoolPlace> spool, long stagingBytes,
        Duration backoffMin, Duration backoffMax, Clock clock) {

    /** A backend, and how it is used. Immutable. */
    public record Used(Backend backend, BackendOptions options) {
    }

    public DirectSettings {
        backends = List.copyOf(backends);
    }
}
