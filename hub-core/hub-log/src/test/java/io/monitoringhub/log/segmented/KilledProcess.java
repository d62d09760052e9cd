package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;

import io.monitoringhub.log.Append;

/** The process that {@link KilledProcessTest} kills: appends without end and says on standard output what became durable. */
final class KilledProcess {

    private static final int MOST_PENDING = 4 << 20;

    private KilledProcess() {
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        SegmentedLog log = SegmentedLog.open(LogFixture.settings(Path.of(arguments[0])), LogEvents.none(), Clock.systemUTC());
        for (int i = 0;; i++) {
            while (log.pendingBytes() > MOST_PENDING) {
                Thread.onSpinWait();
            }
            log.append(new Said(payload(i), 1 + i % 3, out));
        }
    }

    static String payload(int i) {
        return i + ":" + "k".repeat(i * 7919 % 4000);
    }

    private record Said(String text, int count, PrintStream out) implements Append {

        @Override
        public ByteBuffer payload() {
            return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void durable(long baseOffset) {
            out.println(baseOffset + " " + count + " " + text.substring(0, text.indexOf(':')));
        }

        @Override
        public void failed(IOException cause) {
            throw new AssertionError(cause);
        }
    }
}
