package io.monitoringhub.plugin.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.testkit.TestClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Crashes at any moment, in other batches, with other clocks, settings and routes: each entry is in one object. */
class StretchesModelTest {

    private static final int ENTRIES = 300;

    @Property(tries = 100)
    void each_entry_is_in_one_object_whatever_happens(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        Path folder = Files.createTempDirectory("stretches");
        TestClock clock = new TestClock(Instant.parse("2026-11-22T09:30:00Z"));
        ObjectMap bucket = new ObjectMap();
        Commit stored = Commit.upTo(0);
        int lives = 0;
        while (stored.next() < ENTRIES) {
            boolean isLast = ++lives > 20;
            Stretches.Rules rules = new Stretches.Rules(500 + random.nextInt(2_000), random.nextInt(2) * 1_000, "lake", Compression.NONE);
            try (Stretches stretches = new Stretches(rules, folder, clock, stored.next(), Plan.parse(stored.state(), stored.next()))) {
                stored = live(stretches, bucket, clock, stored, random, isLast);
            }
        }
        Files.delete(folder);
        assertThat(bucket.offsets()).containsExactlyElementsOf(LongStream.range(0, ENTRIES).boxed().toList());
    }

    /** Until the end or a crash; returns what the hub had stored by then. */
    private static Commit live(Stretches stretches, ObjectMap bucket, TestClock clock, Commit before, Random random, boolean isLast)
            throws IOException, InterruptedException {
        Commit stored = before;
        int modulus = 1 + random.nextInt(4);
        long at = stored.next();
        while (stored.next() < ENTRIES) {
            for (int i = random.nextInt(40); i > 0 && at < ENTRIES; i--) {
                // The route may have changed with the life: other keys for the same entries.
                stretches.take(at, "source-" + at % modulus + "/{offsets}", ByteBuffer.wrap(String.format("%50d", at).getBytes(StandardCharsets.UTF_8)));
                at++;
            }
            clock.advance(Duration.ofMillis(random.nextInt(800)));
            if (!isLast && random.nextInt(6) == 0) {
                bucket.failAfter(1 + random.nextInt(3));
            }
            Commit commit;
            try {
                commit = stretches.flush(at, bucket);
            } catch (DeliveryException e) {
                if (random.nextBoolean()) {
                    return stored;
                }
                continue;
            }
            if (!isLast && random.nextInt(8) == 0) {
                return random.nextBoolean() ? stored : commit;
            }
            stored = commit;
        }
        return stored;
    }
}
