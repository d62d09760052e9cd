package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Objects in memory, whose lines are offsets. Used by one thread at a time. */
final class ObjectMap implements Stretches.Putter {

    private final Map<String, String> objects = new TreeMap<>();
    private int putsUntilFailure = Integer.MAX_VALUE;

    /** Fails after so many objects, once. */
    void failAfter(int puts) {
        putsUntilFailure = puts;
    }

    @Override
    public void put(Stretch stretch, Plan plan) throws TransientDeliveryException {
        Set<String> unused = new TreeSet<>();
        plan.stems().forEach(stem -> unused.add(plan.key(stem)));
        for (String stem : stretch.stems()) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            try {
                stretch.copy(stem, content);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            objects.put(plan.key(stem), content.toString(StandardCharsets.UTF_8));
            unused.remove(plan.key(stem));
            if (--putsUntilFailure == 0) {
                throw new TransientDeliveryException("crash", null);
            }
        }
        unused.forEach(objects::remove);
    }

    Set<String> keys() {
        return objects.keySet();
    }

    /** All lines of all objects, by number. */
    List<Long> offsets() {
        return objects.values().stream().flatMap(String::lines).map(line -> Long.valueOf(line.strip())).sorted().toList();
    }
}
