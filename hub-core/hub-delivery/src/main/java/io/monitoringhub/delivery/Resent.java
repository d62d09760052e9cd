package io.monitoringhub.delivery;

/**
 * What became of dead letters that were delivered once more. Immutable.
 *
 * @param delivered so many are durable at the destination now, and no dead letters any more
 * @param refused so many were refused again and stay
 */
public record Resent(long delivered, long refused) {
}
