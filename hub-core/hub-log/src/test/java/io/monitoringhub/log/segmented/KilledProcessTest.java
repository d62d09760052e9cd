package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.monitoringhub.log.segmented.LogFixture.Stored;

/** Bug class 7: what was called durable survives SIGKILL. */
@Timeout(120)
class KilledProcessTest {

    private static final int ROUNDS = 4;

    @TempDir
    Path folder;

    /** One line of the killed process. */
    record Promise(long base, int count, int number) {
    }

    @Test
    void everythingThatWasCalledDurableIsThereAfterSigkill() throws Exception {
        Random random = new Random(7);
        Map<Long, Promise> promised = new TreeMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (Promise promise : run(200 + random.nextInt(1500))) {
                assertThat(promised.put(promise.base(), promise)).as("an offset is given once").isNull();
            }
            RecordedEvents events = new RecordedEvents();
            try (SegmentedLog log = SegmentedLog.open(LogFixture.settings(folder), events, Clock.systemUTC())) {
                check(log, promised);
            }
            assertThat(events.lines()).allMatch(line -> line.startsWith("torn")
                    || line.startsWith("leftover") || line.startsWith("deleted"));
        }
    }

    private static void check(SegmentedLog log, Map<Long, Promise> promised) throws IOException {
        Map<Long, Stored> present = new TreeMap<>();
        for (Stored stored : LogFixture.readAll(log)) {
            present.put(stored.base(), stored);
        }
        long start = log.startOffset();
        for (Promise promise : promised.values()) {
            if (promise.base() >= start) {
                assertThat(present.get(promise.base()))
                        .isEqualTo(new Stored(promise.base(), promise.count(), KilledProcess.payload(promise.number())));
            }
        }
        assertThat(promised).isNotEmpty();
    }

    private List<Promise> run(int lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-cp",
                System.getProperty("java.class.path"), KilledProcess.class.getName(), folder.toString()).redirectErrorStream(true).start();
        List<Promise> promises = new ArrayList<>();
        try (BufferedReader reader = process.inputReader()) {
            String line = reader.readLine();
            while (line != null) {
                String[] parts = line.split(" ");
                assertThat(parts).as(line).hasSize(3);
                promises.add(new Promise(Long.parseLong(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
                if (promises.size() == lines) {
                    process.toHandle().destroyForcibly();
                }
                line = readWhole(reader);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(promises).hasSizeGreaterThanOrEqualTo(lines);
        return promises;
    }

    /** The next line; the last one may be cut off by the kill and doesn't count. */
    private static String readWhole(BufferedReader reader) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = reader.read();
        while (c >= 0 && c != '\n') {
            line.append((char) c);
            c = reader.read();
        }
        return c < 0 ? null : line.toString();
    }
}
