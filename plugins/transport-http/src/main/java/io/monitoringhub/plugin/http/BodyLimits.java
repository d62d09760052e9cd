package io.monitoringhub.plugin.http;

import java.time.Duration;

/**
 * What a request may be. Immutable.
 *
 * @param maxBytes of the body as sent
 * @param maxInflatedBytes of the body after decompression
 * @param minRate bytes a second that the body must come with; 0 for any
 * @param timeout from the headers to the answer
 */
record BodyLimits(int maxBytes, int maxInflatedBytes, int minRate, Duration timeout) {
}
