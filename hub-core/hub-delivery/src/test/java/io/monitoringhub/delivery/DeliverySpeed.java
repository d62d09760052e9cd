package io.monitoringhub.delivery;

import io.monitoringhub.delivery.routing.FieldCondition;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.entries.ChunkBuilder;
import io.monitoringhub.log.Frame;
import io.monitoringhub.spi.MessageType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How fast a lane's own work is: select, cut, pass on lines, without reading a disk and without a backend's cost. Run it with the test
 * class path: {@code java -cp ... io.monitoringhub.delivery.DeliverySpeed}.
 */
final class DeliverySpeed {

    private static final int FRAMES = 16;
    private static final int ENTRIES = 1200;
    private static final int MESSAGE_BYTES = 210;

    private DeliverySpeed() {
    }

    public static void main(String[] arguments) throws TenureOver {
        run("all selected", RouteTable.everythingTo("archive"));
        run("mixed: 5 of 8 sources", RouteTable.of(List.of(RouteRule.to("s1"), RouteRule.to("s4"), RouteRule.to("s6"),
                RouteRule.to("*", "archive"))));
        run("mixed: metrics of all sources", RouteTable.of(List.of(RouteRule.to("*", "archive").onlyTypes(MessageType.METRIC))));
        FieldCondition nightly = FieldCondition.matches("data.ctx.job_id", "^nightly-");
        run("fields asked of none of them", RouteTable.of(List.of(RouteRule.to("other", "archive").where(nightly), RouteRule.to("*", "archive"))));
        run("fields asked of 1 source of 8", RouteTable.of(List.of(RouteRule.to("s3", "archive").where(nightly))));
        run("fields asked of all", RouteTable.of(List.of(RouteRule.to("*", "archive").where(nightly))));
    }

    private static void run(String name, RouteTable table) throws TenureOver {
        List<Frame> frames = frames();
        Window window = new Window(new NoLosses());
        LaneBatch batch = new LaneBatch("log", window);
        var filter = table.filterFor("archive");
        long[] sum = new long[2];
        for (int round = 0; round < 6; round++) {
            long started = System.nanoTime();
            long allocated = allocated();
            long entries = 0;
            while (System.nanoTime() - started < 1_000_000_000L) {
                window.load(frames, 0, filter);
                batch.over(0, window.size(), 1);
                batch.lines(run -> {
                    sum[0] += run.remaining();
                    sum[1]++;
                });
                entries += (long) FRAMES * ENTRIES;
                window.clear();
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            System.out.printf("%-32s %6.1f M entries/s read, %5.1f bytes allocated an entry%n", name, entries / seconds / 1e6,
                    (allocated() - allocated) / (double) entries);
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static List<Frame> frames() {
        List<Frame> frames = new ArrayList<>();
        ChunkBuilder builder = new ChunkBuilder();
        byte[] text = new byte[ENTRIES * MESSAGE_BYTES];
        byte[] message = message();
        MessageType[] types = MessageType.values();
        for (int f = 0; f < FRAMES; f++) {
            builder.reset();
            for (int i = 0; i < ENTRIES; i++) {
                MessageType type = types[i % 5];
                System.arraycopy(message, 0, text, i * MESSAGE_BYTES, MESSAGE_BYTES);
                builder.add(i * MESSAGE_BYTES, (i + 1) * MESSAGE_BYTES - 1, ("s" + i * 7 % 8).intern(), type, type == MessageType.EVENT ? 1 : -1,
                        i, false, false);
            }
            ByteBuffer payload = ByteBuffer.allocateDirect(builder.encodedBytes());
            builder.encode(text, payload);
            frames.add(new Frame((long) f * ENTRIES, ENTRIES, 1, payload.flip().asReadOnlyBuffer()));
        }
        return frames;
    }

    private static byte[] message() {
        String start = "{\"v\":1,\"src\":\"queue-service\",\"ts\":1697821234567,\"type\":\"event\",\"tid\":\"trace-123\",\"data\":{\"level\":\"info\","
                + "\"ctx\":{\"job_id\":\"nightly-12345\",\"n\":7},\"msg\":\"";
        return (start + "x".repeat(MESSAGE_BYTES - 4 - start.length()) + "\"}}\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static final class NoLosses implements Window.Losses {
        @Override
        public void missing(long from, long to) {
            throw new AssertionError("missing");
        }

        @Override
        public void unreadable(long firstOffset, int entries, String why) {
            throw new AssertionError(why);
        }
    }
}
