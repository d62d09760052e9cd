package io.monitoringhub.delivery;

import io.monitoringhub.delivery.deadletters.DeadLetter;
import io.monitoringhub.delivery.routing.LaneFilter;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.entries.ChunkBuilder;
import io.monitoringhub.log.Frame;
import io.monitoringhub.spi.backend.BatchLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Delivers dead letters once more, between two windows: part for part, what was written before it flushed first, in batches of the
 * backend's size, then a flush, then what was written leaves the part. All outcomes mean what they mean for other entries, but that a
 * refusal changes nothing: the letter stays as it is. The lane's position and cursor do not move.
 *
 * <p>Used by the tenure's thread.
 */
final class Resending {

    /** Makes durable whatever was written so far. */
    interface Flush {
        void run() throws TenureOver, LaneFailure, IOException;
    }

    private final LaneSettings settings;
    private final Tenure tenure;
    private final Ledger ledger;
    private final Pauses pauses;
    private final Flush flush;
    private final Window window = new Window(new Keepsafe());
    private final LaneFilter filter;
    private final Set<DeadLetter.Id> kept = new HashSet<>();
    private String logId = "";
    private final ChunkBuilder builder = new ChunkBuilder();

    Resending(LaneSettings settings, Tenure tenure, Ledger ledger, Pauses pauses, Flush flush) {
        // That all of them are refused again is to be expected, and no sign of a fault.
        this.settings = settings.with(new LaneSettings.Suspicion(Integer.MAX_VALUE, Integer.MAX_VALUE));
        this.tenure = tenure;
        this.ledger = ledger;
        this.pauses = pauses;
        this.flush = flush;
        filter = RouteTable.everythingTo(settings.name()).filterFor(settings.name());
    }

    void run(ResendOrders.Order order, BatchLimits limits) throws TenureOver, LaneFailure, IOException {
        order.begin();
        for (String part : ledger.deadLetters().parts(settings.name())) {
            // By log and offset: a batch is of one log, and its offsets rise. An entry that stands there twice comes once.
            Map<String, TreeMap<Long, DeadLetter>> wanted = new TreeMap<>();
            for (DeadLetter letter : ledger.deadLetters().read(settings.name(), part)) {
                if (order.wants(letter.offset())) {
                    wanted.computeIfAbsent(letter.id().logId(), log -> new TreeMap<>()).put(letter.offset(), letter);
                }
            }
            for (Map.Entry<String, TreeMap<Long, DeadLetter>> ofLog : wanted.entrySet()) {
                logId = ofLog.getKey();
                deliver(order, part, new ArrayList<>(ofLog.getValue().values()), limits);
            }
        }
        ledger.log().resent(tenure.id(), order.soFar().delivered(), order.soFar().refused());
    }

    private void deliver(ResendOrders.Order order, String part, List<DeadLetter> letters, BatchLimits limits)
            throws TenureOver, LaneFailure, IOException {
        flush.run();
        kept.clear();
        Courier courier = new Courier(tenure, ledger, window, new LaneBatch(logId, window), pauses, settings, new Refused());
        long unflushed = 0;
        try {
            for (int from = 0; from < letters.size();) {
                int to = cut(letters, from, limits);
                long bytes = letters.subList(from, to).stream().mapToLong(letter -> letter.entry().message().length).sum();
                if (unflushed > 0 && unflushed + bytes > settings.batching().inFlightBytes()) {
                    flush.run();
                    unflushed = 0;
                }
                unflushed += bytes;
                window.load(frames(letters.subList(from, to)), letters.get(from).offset(), filter);
                courier.deliver(0, window.size());
                from = to;
            }
        } finally {
            window.clear();
        }
        flush.run();
        Set<DeadLetter.Id> delivered = new HashSet<>();
        letters.stream().map(DeadLetter::id).filter(id -> !kept.contains(id)).forEach(delivered::add);
        ledger.removeDeadLetters(tenure, part, delivered);
        order.count(delivered.size(), kept.size());
    }

    private static int cut(List<DeadLetter> letters, int from, BatchLimits limits) {
        long bytes = 0;
        int to = from;
        while (to < letters.size() && to - from < limits.maxEntries()) {
            bytes += letters.get(to).entry().message().length + 1;
            if (bytes > limits.maxBytes() && to > from) {
                break;
            }
            to++;
        }
        return to;
    }

    private List<Frame> frames(List<DeadLetter> letters) {
        List<Frame> frames = new ArrayList<>(letters.size());
        for (DeadLetter letter : letters) {
            DeadLetter.Entry entry = letter.entry();
            builder.reset();
            builder.add(0, entry.message().length, entry.source(), entry.type(), entry.level().map(Enum::ordinal).orElse(-1), entry.timestamp(),
                    false, false);
            ByteBuffer payload = ByteBuffer.allocate(builder.encodedBytes());
            byte[] line = new byte[entry.message().length + 1];
            System.arraycopy(entry.message(), 0, line, 0, entry.message().length);
            line[entry.message().length] = '\n';
            builder.encode(line, payload);
            frames.add(new Frame(letter.offset(), 1, entry.receivedAt(), payload.flip()));
        }
        return frames;
    }

    /** Notes what was refused again. */
    private final class Refused implements Courier.Outcomes {

        @Override
        public void settled(long next) {
            // the lane's position is elsewhere
        }

        @Override
        public void reject(List<DeadLetter> letters) {
            letters.forEach(letter -> kept.add(letter.id()));
        }
    }

    /** Letters have gaps between them; one that makes no entry, because a person changed it, is kept. */
    private final class Keepsafe implements Window.Losses {

        @Override
        public void missing(long from, long to) {
            // as it should be
        }

        @Override
        public void unreadable(long firstOffset, int entries, String why) {
            kept.add(new DeadLetter.Id(logId, firstOffset));
        }
    }
}
