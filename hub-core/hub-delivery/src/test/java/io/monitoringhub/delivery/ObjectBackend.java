package io.monitoringhub.delivery;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A backend for a store of objects that can only be put as a whole, one for each source and stretch of the log: the recipe of
 * docs/delivery.md, "deterministic object names". A stretch is planned before its first object is put; after a crash it ends where it was
 * planned to end, so the same objects are put again under the same names.
 */
class ObjectBackend implements Backend {

    /** The store; outlives instances. */
    static final class Bucket {
        private final Map<String, List<Entry>> objects = new TreeMap<>();

        synchronized void put(String key, List<Entry> entries) {
            objects.put(key, List.copyOf(entries));
        }

        synchronized void delete(String key) {
            objects.remove(key);
        }

        synchronized List<Entry> entries() {
            return objects.values().stream().flatMap(List::stream).sorted((one, other) -> Long.compare(one.offset, other.offset)).toList();
        }

        synchronized Set<String> keys() {
            return new TreeSet<>(objects.keySet());
        }

        List<Long> offsets() {
            return entries().stream().map(Entry::offset).toList();
        }
    }

    /** What the store holds of an entry. */
    record Entry(long offset, String source, String text) {
    }

    /** From where to where objects go, and which. */
    private record Plan(long from, long until, Set<String> keys) {
        private byte[] state() {
            return (from + " " + until + " " + String.join(",", keys)).getBytes(StandardCharsets.UTF_8);
        }

        /** A plan that the position has passed is done; one that is ahead of it was made before a replay. */
        private static Plan of(byte[] state, long committed) {
            String[] words = new String(state, StandardCharsets.UTF_8).split(" ", 3);
            if (words.length < 3) {
                return null;
            }
            Plan plan = new Plan(Long.parseLong(words[0]), Long.parseLong(words[1]), Set.of(words[2].split(",")));
            return plan.from <= committed && committed < plan.until ? plan : null;
        }
    }

    private final Bucket bucket;
    private final List<Entry> pending = new ArrayList<>();
    private final List<Entry> letters = new ArrayList<>();
    private long from;
    private Plan plan;

    ObjectBackend(Bucket bucket) {
        this.bucket = bucket;
    }

    @Override
    public BatchLimits limits() {
        return new BatchLimits(1_000, 65_536, Duration.ZERO, Duration.ofMillis(2));
    }

    @Override
    public long open(BackendContext context) throws DeliveryException, InterruptedException {
        pending.clear();
        letters.clear();
        from = context.committed();
        plan = Plan.of(context.state(), from);
        return from;
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        for (int i = 0; i < batch.size(); i++) {
            Entry entry = new Entry(batch.offset(i), batch.source(i), StandardCharsets.UTF_8.decode(batch.message(i)).toString());
            (entry.offset < from ? letters : pending).add(entry);
        }
        return WriteResult.allWritten();
    }

    @Override
    public Commit flush(long next) throws DeliveryException, InterruptedException {
        letters.forEach(letter -> bucket.put("letters/" + letter.offset, List.of(letter)));
        letters.clear();
        if (plan == null && pending.isEmpty()) {
            from = next;
            return Commit.upTo(next);
        }
        if (plan == null) {
            if (!isDue()) {
                return Commit.upTo(from);
            }
            plan = new Plan(from, next, new TreeSet<>(keys(from, next)));
            return new Commit(from, plan.state());
        }
        if (next < plan.until) {
            return new Commit(from, plan.state());
        }
        put();
        from = plan.until;
        plan = null;
        return Commit.upTo(from);
    }

    /** When to end a stretch: age or size, by any clock. */
    boolean isDue() {
        return true;
    }

    private void put() throws DeliveryException {
        Map<String, List<Entry>> objects = new TreeMap<>();
        pending.stream().filter(entry -> entry.offset < plan.until)
                .forEach(entry -> objects.computeIfAbsent(key(entry, plan.from, plan.until), key -> new ArrayList<>()).add(entry));
        for (Map.Entry<String, List<Entry>> object : objects.entrySet()) {
            bucket.put(object.getKey(), object.getValue());
            afterPut();
        }
        Set<String> stale = new HashSet<>(plan.keys);
        stale.removeAll(objects.keySet());
        stale.forEach(bucket::delete);
        pending.removeIf(entry -> entry.offset < plan.until);
    }

    /** Where a test has it crash. */
    void afterPut() throws DeliveryException {
    }

    private Set<String> keys(long start, long until) {
        Set<String> keys = new TreeSet<>();
        pending.forEach(entry -> keys.add(key(entry, start, until)));
        return keys;
    }

    private static String key(Entry entry, long start, long until) {
        return entry.source + "/" + start + "-" + until;
    }

    @Override
    public void close() {
        pending.clear();
        letters.clear();
    }
}
