package io.monitoringhub.ingest;

import static io.monitoringhub.ingest.IngestFixture.hello;
import static io.monitoringhub.ingest.IngestFixture.line;
import static io.monitoringhub.ingest.IngestFixture.lines;
import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.ingest.access.AccessSettings;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** No bytes make a session lose count, however the network cuts them. The seed is the number of the repetition. */
class HostileBytesTest {

    private static final int BYTES = 100_000;

    private final IngestFixture hub = new IngestFixture();

    @BeforeEach
    void endNoPlainConnection() {
        hub.access.configure(new AccessSettings(false, List.of(), Set.of(), 0));
    }

    @RepeatedTest(40)
    void every_line_is_stored_or_refused(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        byte[] bytes = hostile(random);
        FakePeer plain = hub.connect();
        writeInPieces(plain, bytes, random);
        hub.log.settleAll();
        long counted = count(bytes);
        assertThat(hub.engine.statistics().messages() + hub.engine.statistics().refusedInAll()).isEqualTo(counted);
        assertThat(plain.replies()).isEmpty();
        assertThat(plain.closed()).isEmpty();
    }

    @RepeatedTest(40)
    void every_line_is_acknowledged_and_the_good_ones_among_them_are_stored(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        FakePeer client = hub.connect();
        client.write(hello(UUID.randomUUID(), 1));
        byte[] bytes = hostile(random);
        writeInPieces(client, bytes, random);
        client.write("\n" + line(1));
        hub.log.settleAll();
        List<String> replies = client.replies();
        long rest = bytes[bytes.length - 1] == '\n' || isBlank(bytes, lastLine(bytes), bytes.length) ? 0 : 1;
        assertThat(replies).last().asString().contains("\"ack\"").contains("\"seq\":" + (count(bytes) + rest + 1) + "}");
        assertThat(hub.log.stored()).last().isEqualTo(line(1).strip());
        assertThat(client.closed()).isEmpty();
    }

    /** Random bytes, good lines, good lines with something wrong, and bytes that mean something. */
    private static byte[] hostile(Random random) {
        StringBuilder all = new StringBuilder("first\n");
        String meaning = "{}[]\",:\\ \t\r\n\0\u00ff\u00c0\u00ed0-eE.utf";
        while (all.length() < BYTES) {
            switch (random.nextInt(5)) {
                case 0 -> random.ints(random.nextInt(200), 0, 256).forEach(b -> all.append((char) b));
                case 1 -> random.ints(random.nextInt(200), 0, meaning.length()).forEach(i -> all.append(meaning.charAt(i)));
                case 2 -> all.append(lines(1, 1 + random.nextInt(5)));
                case 3 -> {
                    StringBuilder line = new StringBuilder(line(random.nextInt(100)));
                    line.setCharAt(random.nextInt(line.length()), (char) random.nextInt(256));
                    all.append(line);
                }
                default -> all.append(line(7), 0, random.nextInt(line(7).length())).append(random.nextBoolean() ? "\n" : "");
            }
        }
        return all.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void writeInPieces(FakePeer peer, byte[] bytes, Random random) {
        for (int from = 0; from < bytes.length;) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(random.nextBoolean() ? 20 : 5_000));
            byte[] piece = Arrays.copyOfRange(bytes, from, to);
            if (random.nextBoolean()) {
                peer.write(piece);
            } else {
                peer.writeArray(piece);
            }
            from = to;
        }
    }

    /** Whole lines that are not empty. */
    private static long count(byte[] bytes) {
        long count = 0;
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                count += isBlank(bytes, from, i) ? 0 : 1;
                from = i + 1;
            }
        }
        return count;
    }

    private static int lastLine(byte[] bytes) {
        int from = bytes.length;
        while (from > 0 && bytes[from - 1] != '\n') {
            from--;
        }
        return from;
    }

    private static boolean isBlank(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }
}
