package io.monitoringhub.delivery;

import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongPredicate;

/** Does what a test says, batch for batch; takes everything once the script is over. Remembers what each call was given. */
class ScriptedBackend extends KeepingBackend {

    /** What one call of write does. */
    interface Step {
        WriteResult take(ScriptedBackend self, Batch batch) throws DeliveryException, InterruptedException;
    }

    final Deque<Step> script = new ConcurrentLinkedDeque<>();
    final List<List<Long>> calls = new CopyOnWriteArrayList<>();
    final List<Integer> attempts = new CopyOnWriteArrayList<>();
    volatile Step always = (self, batch) -> self.takeAll(batch);

    ScriptedBackend(Destination destination, Step... steps) {
        super(destination);
        script.addAll(List.of(steps));
    }

    @Override
    WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            offsets.add(batch.offset(i));
        }
        calls.add(offsets);
        attempts.add(batch.attempt());
        Step step = script.poll();
        return (step == null ? always : step).take(this, batch);
    }

    WriteResult takeAll(Batch batch) {
        return takeBut(batch, offset -> false, offset -> false);
    }

    /** Rejects some, wants some again, takes the others. */
    WriteResult takeBut(Batch batch, LongPredicate rejected, LongPredicate retry) {
        List<WriteResult.Rejection> rejections = new ArrayList<>();
        List<Long> again = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            long offset = batch.offset(i);
            if (rejected.test(offset)) {
                rejections.add(new WriteResult.Rejection(offset, "mapping", "no such column"));
            } else if (retry.test(offset)) {
                again.add(offset);
            } else {
                unflushed.add(offset);
            }
        }
        return new WriteResult(rejections, again);
    }

    static boolean holds(Batch batch, long offset) {
        for (int i = 0; i < batch.size(); i++) {
            if (batch.offset(i) == offset) {
                return true;
            }
        }
        return false;
    }
}
