package io.monitoringhub.testkit;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.WriteResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The suite holds for the simplest backend there is: a map by offset. */
class BackendContractTest extends BackendContract {

    private final SortedMap<Long, String> destination = new TreeMap<>();

    @Override
    protected Backend newBackend() {
        return new MapBackend();
    }

    @Override
    protected List<String> stored() {
        return List.copyOf(destination.values());
    }

    @Override
    protected String type() {
        return "map";
    }

    private final class MapBackend implements Backend {

        @Override
        public long open(BackendContext context) {
            return context.committed();
        }

        @Override
        public WriteResult write(Batch batch) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            for (int i = 0; i < batch.size(); i++) {
                destination.put(batch.offset(i), StandardCharsets.UTF_8.decode(batch.message(i)).toString());
            }
            return WriteResult.allWritten();
        }

        @Override
        public Commit flush(long next) {
            return Commit.upTo(next);
        }

        @Override
        public void close() { }
    }
}
