package io.monitoringhub.delivery;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongPredicate;

/** Which dead letters people want delivered once more, until a tenure comes to it. Outlives the instances. Thread-safe. */
final class ResendOrders {

    private final Queue<Order> waiting = new ConcurrentLinkedQueue<>();

    /** One order and what it has brought so far. The counts are used by one tenure after the other. */
    static final class Order {
        private final LongPredicate offsets;
        private final CompletableFuture<Resent> done = new CompletableFuture<>();
        private long delivered;
        private long refused;

        private Order(LongPredicate offsets) {
            this.offsets = offsets;
        }

        boolean wants(long offset) {
            return offsets.test(offset);
        }

        void count(long deliveredNow, long refusedNow) {
            delivered += deliveredNow;
            refused += refusedNow;
        }

        /** A new attempt meets again what was refused. */
        void begin() {
            refused = 0;
        }

        Resent soFar() {
            return new Resent(delivered, refused);
        }

        CompletableFuture<Resent> done() {
            return done;
        }
    }

    Order add(LongPredicate offsets) {
        Order order = new Order(offsets);
        waiting.add(order);
        return order;
    }

    Optional<Order> next() {
        return Optional.ofNullable(waiting.peek());
    }

    void done(Order order) {
        waiting.remove(order);
        order.done.complete(order.soFar());
    }

    void failed(Order order, Throwable why) {
        waiting.remove(order);
        order.done.completeExceptionally(why);
    }
}
