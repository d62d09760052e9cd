package io.monitoringhub.protocol;

import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Prints how many messages a second one thread decodes: run it by hand, see the README. Not a test, because a shared machine would make
 * it fail for no reason. Used by one thread at a time.
 */
public final class DecoderMeasurement {

    private static final int CHUNK_BYTES = 256 * 1024;
    private static final int ROUNDS = 40;
    private static final long ROUND_NANOS = 200_000_000L;

    private DecoderMeasurement() {
    }

    public static void main(String[] arguments) {
        byte[] chunk = chunk();
        Counter counter = new Counter();
        new LineDecoder(ProtocolLimits.VERSION_1).decode(chunk, 0, chunk.length, counter);
        System.out.printf("%,d messages of %.0f bytes in a chunk of %,d bytes, %d refused%n",
                counter.messages, (double) chunk.length / counter.messages, chunk.length, counter.refused);
        LineDecoder decoder = new LineDecoder(ProtocolLimits.VERSION_1);
        double[] decoded = new double[ROUNDS];
        double[] bare = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            decoded[round] = rate(counter.messages, () -> decoder.decode(chunk, 0, chunk.length, new Counter()));
            bare[round] = rate(counter.messages, () -> readAllTokens(chunk));
        }
        print("LineDecoder", decoded);
        print("bare Jackson, all tokens", bare);
    }

    private static double rate(long messagesPerRun, Runnable run) {
        long begin = cpuNanos();
        long now = begin;
        long messages = 0;
        while (now - begin < ROUND_NANOS) {
            run.run();
            messages += messagesPerRun;
            now = cpuNanos();
        }
        return messages * 1e3 / (now - begin);
    }

    private static void print(String what, double[] rates) {
        Arrays.sort(rates);
        System.out.printf("%-25s median %.2f, best %.2f million messages/s%n", what, rates[ROUNDS / 2], rates[ROUNDS - 1]);
    }

    /** The yardstick: what the parser costs when nobody looks at what it found. */
    private static void readAllTokens(byte[] chunk) {
        try (JsonParser parser = Parsers.SHARED.open(chunk, 0, chunk.length)) {
            while (parser.nextToken() != null) {
                // the cost is in getting there
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot parse the chunk", e);
        }
    }

    /** The thread's own time: other programs on the machine don't count. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** Half events, a quarter metrics, the rest progress, spans and resources: about 210 bytes each, as real SDKs write them. */
    private static byte[] chunk() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; bytes.size() < CHUNK_BYTES - 300; i++) {
            bytes.writeBytes(line(i).getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String line(int i) {
        String head = "{\"v\":1,\"src\":\"service-" + i % 4 + "\",\"ts\":" + (1697821234567L + i);
        String ids = ",\"tid\":\"trace-" + i / 10 + "\",\"sid\":\"span-" + i + "\"";
        return head + switch (i % 8) {
            case 0, 1, 2, 3 -> ",\"type\":\"event\"" + ids + ",\"data\":{\"level\":\"info\",\"msg\":\"Job " + i
                    + " started on the second worker\",\"ctx\":{\"job_id\":\"" + i + "\",\"queue\":\"nightly\",\"attempt\":1}}}\n";
            case 4, 5 -> ",\"type\":\"metric\"" + ids + ",\"data\":{\"name\":\"queue.wait\",\"value\":" + i + ".25,\"unit\":\"ms\","
                    + "\"tags\":{\"queue\":\"nightly\",\"host\":\"worker-17\",\"zone\":\"eu\"}}}\n";
            case 6 -> ",\"type\":\"progress\"" + ids + ",\"data\":{\"job_id\":\"job-" + i + "\",\"percent\":" + i % 101
                    + ",\"status\":\"running, reading input files of the day before\"}}\n";
            default -> ",\"type\":\"span\"" + ids + ",\"pid\":\"span-0\",\"data\":{\"name\":\"load\",\"start\":1697821234000,"
                    + "\"end\":1697821234567,\"status\":\"ok\",\"tags\":{\"rows\":" + i + "}}}\n";
        };
    }

    private static final class Counter implements LineReceiver {

        private long messages;
        private long refused;

        @Override
        public void message(byte[] bytes, int from, int to, Envelope envelope) {
            messages++;
        }

        @Override
        public void hello(byte[] bytes, int from, int to, Hello hello) {
            refused++;
        }

        @Override
        public void refused(byte[] bytes, int from, int to, Refusal refusal) {
            refused++;
        }
    }
}
