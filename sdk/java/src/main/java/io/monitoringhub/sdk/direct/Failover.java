package io.monitoringhub.sdk.direct;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Several backends, by priority: a batch goes to the first that takes it. One that has failed is left alone for a pause that grows. Written to by one
 * thread at a time, read by all.
 */
final class Failover implements Target {

    private final List<Destination> destinations;
    private final List<Turn> turns;

    /** When a backend is tried again. Used by one thread at a time. */
    private static final class Turn {
        private final Destination destination;
        private final BackOff backOff;
        private long waitUntil = System.nanoTime();

        private Turn(Destination destination, BackOff backOff) {
            this.destination = destination;
            this.backOff = backOff;
        }
    }

    Failover(List<Destination> any, Supplier<BackOff> backOffs) {
        destinations = any.stream().sorted(Comparator.comparingInt(each -> each.options().priority())).toList();
        turns = destinations.stream().map(each -> new Turn(each, backOffs.get())).toList();
    }

    @Override
    public List<Destination> destinations() {
        return destinations;
    }

    @Override
    public WriteResult write(Batch batch, boolean isUrgent) throws DeliveryException {
        StringBuilder told = new StringBuilder("no backend takes it");
        for (Turn turn : turns) {
            String why;
            if (System.nanoTime() - turn.waitUntil < 0 && !isUrgent) {
                why = turn.destination.lastError();
            } else {
                try {
                    WriteResult result = turn.destination.write(batch, isUrgent);
                    turn.backOff.reset();
                    return result;
                } catch (DeliveryException e) {
                    if (e.kind() == DeliveryException.Kind.REFUSED) {
                        throw e;
                    }
                    turn.waitUntil = System.nanoTime() + turn.backOff.pause(e).toNanos();
                    why = e.getMessage();
                }
            }
            told.append("; ").append(turn.destination.name()).append(": ").append(why);
        }
        long now = System.nanoTime();
        long left = turns.stream().mapToLong(turn -> turn.waitUntil - now).min().orElse(0);
        throw DeliveryException.later(told.toString(), Duration.ofNanos(Math.max(0, left)));
    }

    @Override
    public void close() {
        destinations.forEach(Destination::close);
    }
}
