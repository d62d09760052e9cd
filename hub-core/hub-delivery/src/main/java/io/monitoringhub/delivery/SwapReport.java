package io.monitoringhub.delivery;

import io.monitoringhub.spi.ComponentId;
import java.time.Duration;
import java.time.Instant;

/**
 * What happened between the last delivery of one backend instance and the first of the next.
 *
 * @param lane which lane
 * @param from the instance that went
 * @param to the instance that came
 * @param committed the lane's stored position when the old instance was gone
 * @param resumedAt where the new instance began; equal to {@code committed} unless its destination keeps a position of its own
 * @param firstOffset the first entry that the new one delivered
 * @param lastDelivery when the old one delivered last
 * @param firstDelivery when the new one delivered first
 * @param pause the time between the two; contains the time without anything to deliver
 */
public record SwapReport(String lane, ComponentId from, ComponentId to, long committed, long resumedAt, long firstOffset,
        Instant lastDelivery, Instant firstDelivery, Duration pause) {
}
