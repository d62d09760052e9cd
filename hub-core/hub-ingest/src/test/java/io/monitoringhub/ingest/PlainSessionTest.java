package io.monitoringhub.ingest;

import static io.monitoringhub.ingest.IngestFixture.line;
import static io.monitoringhub.ingest.IngestFixture.lines;
import static io.monitoringhub.ingest.IngestFixture.message;
import static io.monitoringhub.ingest.IngestFixture.messages;
import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.MessageType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PlainSessionTest {

    private final IngestFixture hub = new IngestFixture();
    private final FakePeer peer = hub.connect();

    @Test
    void appendsTheMessagesOfOneReadAsOneFrame() {
        peer.write(lines(1, 500));
        assertThat(hub.log.heldFrames()).isEqualTo(1);
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 500));
        assertThat(hub.engine.statistics().messages()).isEqualTo(500);
        assertThat(hub.engine.statistics().bytes()).isEqualTo(lines(1, 500).length());
    }

    @Test
    void takesTheSameMessagesHoweverTheBytesAreCut() {
        byte[] bytes = (line(1) + "\r\n" + line(2) + "{\"nonsense\n" + line(3)).getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            IngestFixture fresh = new IngestFixture();
            FakePeer client = fresh.connect();
            client.write(Arrays.copyOfRange(bytes, 0, cut));
            client.writeArray(Arrays.copyOfRange(bytes, cut, bytes.length));
            fresh.log.settleAll();
            assertThat(fresh.log.stored()).as("cut at %d", cut).isEqualTo(messages(1, 3));
            assertThat(fresh.refusedLines).as("cut at %d", cut).containsExactly("{\"nonsense");
        }
    }

    @Test
    void takesAMessageThatComesByteByByte() {
        for (byte single : line(7).getBytes(StandardCharsets.UTF_8)) {
            peer.write(new byte[] {single});
        }
        hub.log.settleAll();
        assertThat(hub.log.stored()).containsExactly(message(7));
    }

    @Test
    void partialLastLineAtDisconnectIsNoMessage() {
        peer.write(line(1) + message(2));
        peer.disconnect();
        hub.log.settleAll();
        assertThat(hub.log.stored()).containsExactly(message(1));
        assertThat(hub.refusedCodes).isEmpty();
    }

    @Test
    void neverSendsAByte() {
        peer.write(lines(1, 3) + "garbage\n" + "x".repeat(70_000) + "\n" + line(4));
        hub.log.settleAll();
        assertThat(peer.replies()).isEmpty();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 4));
    }

    @Test
    void refusesALineThatIsTooLongOnceAndGoesOnWithTheNext() {
        peer.write(line(1));
        for (int i = 0; i < 40; i++) {
            peer.write("x".repeat(5_000));
        }
        peer.write("y\n" + line(2) + "x".repeat(65_536));
        peer.write("\n" + line(3));
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 3));
        assertThat(hub.refusedCodes).containsExactly(RefusalCode.TOO_LONG, RefusalCode.TOO_LONG);
        assertThat(hub.refusedLines.get(0)).hasSize(1024);
    }

    @Test
    void limitIsThatOfTheMessageNotOfTheConnection() {
        for (int i = 0; i < 100; i++) {
            peer.write(lines(1, 100));
        }
        hub.log.settleAll();
        assertThat(hub.log.stored()).hasSize(10_000);
        assertThat(hub.refusedCodes).isEmpty();
    }

    @Test
    void countsEveryRefusedLineByItsCode() {
        peer.write("nonsense\n[]\n" + line(1) + "{\"v\":2}\n");
        assertThat(hub.engine.statistics().refusedInAll()).isEqualTo(3);
        assertThat(hub.refusedLines).containsExactly("nonsense", "[]", "{\"v\":2}");
    }

    @Test
    void marksATimeStampThatIsFarOff() {
        peer.write(line(1).replace(Long.toString(IngestFixture.NOW), "5") + line(2));
        hub.log.settleAll();
        assertThat(hub.log.chunks().get(0).isClockOff(0)).isTrue();
        assertThat(hub.log.chunks().get(0).isClockOff(1)).isFalse();
        assertThat(hub.log.chunks().get(0).isTraced(0)).isTrue();
        assertThat(hub.log.chunks().get(0).type(0)).isEqualTo(MessageType.EVENT);
    }

    @Test
    void asksToStopReadingWhileTheLogIsBehindAndToGoOnWhenItHasCaughtUp() {
        IngestFixture small = new IngestFixture(new IngestSettings(65_536, 1 << 20, Duration.ofHours(24), 10,
                Duration.ofDays(1)));
        FakePeer client = small.connect();
        int reads = 0;
        while (client.write(lines(1, 1000))) {
            reads++;
            assertThat(reads).as("reads without back-pressure").isLessThan(100);
        }
        assertThat(small.engine.statistics().pendingBytes()).isGreaterThan(1 << 20);
        assertThat(client.resumed()).isZero();
        small.log.settleAll();
        assertThat(client.resumed()).isEqualTo(1);
        assertThat(small.engine.statistics().pendingBytes()).isZero();
    }
}
