package io.monitoringhub.plugin.tally;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.testkit.BackendContract;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the hub asks of every backend. The suite compares texts, but a tally keeps none: so a {@link Witness} notes each offset's entry once,
 * and {@link #stored()} gives the texts back only if the file's counts are those of the noted entries. One entry lost or counted twice
 * and they are not.
 */
class TallyBackendContractTest extends BackendContract {

    private record Seen(String row, String text) {
    }

    private final SortedMap<Long, Seen> seen = new TreeMap<>();

    @Override
    protected Backend newBackend() {
        return new Witness(new TallyBackend(TestConfig.DEFAULT));
    }

    @Override
    protected List<String> stored() throws Exception {
        SortedMap<String, Long> expected = new TreeMap<>();
        seen.values().forEach(each -> expected.merge(each.row(), 1L, Long::sum));
        Tally found = new TallyFile(home.resolve("data/tally.tsv"), id() + " of log " + LOG).read(0, 10_000);
        SortedMap<String, Long> counted = new TreeMap<>();
        found.counts().forEach((source, counts) -> {
            for (MessageType type : MessageType.values()) {
                if (counts[type.ordinal()] > 0) {
                    counted.put(source + " " + type, counts[type.ordinal()]);
                }
            }
        });
        return counted.equals(expected) ? seen.values().stream().map(Seen::text).toList()
                : List.of("counted " + counted + ", expected " + expected, Files.readString(home.resolve("data/tally.tsv")));
    }

    @Override
    protected String type() {
        return "tally";
    }

    /** Notes what it passes on. */
    private final class Witness implements Backend {

        private final Backend backend;

        Witness(Backend backend) {
            this.backend = backend;
        }

        @Override
        public long open(BackendContext context) throws DeliveryException, InterruptedException {
            return backend.open(context);
        }

        @Override
        public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
            List<Seen> entries = new ArrayList<>();
            for (int i = 0; i < batch.size(); i++) {
                entries.add(new Seen(batch.source(i) + " " + batch.type(i), StandardCharsets.UTF_8.decode(batch.message(i)).toString()));
            }
            WriteResult result = backend.write(batch);
            for (int i = 0; i < batch.size(); i++) {
                seen.put(batch.offset(i), entries.get(i));
            }
            return result;
        }

        @Override
        public Commit flush(long next) throws DeliveryException, InterruptedException {
            return backend.flush(next);
        }

        @Override
        public void close() {
            backend.close();
        }
    }
}
