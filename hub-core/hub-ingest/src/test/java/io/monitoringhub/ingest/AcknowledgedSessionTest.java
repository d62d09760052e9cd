package io.monitoringhub.ingest;

import static io.monitoringhub.ingest.IngestFixture.hello;
import static io.monitoringhub.ingest.IngestFixture.line;
import static io.monitoringhub.ingest.IngestFixture.lines;
import static io.monitoringhub.ingest.IngestFixture.messages;
import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.entries.ClientMark;
import io.monitoringhub.protocol.RefusalCode;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AcknowledgedSessionTest {

    private static final UUID CLIENT = UUID.fromString("6e9f4bd4-7f5c-4a40-8a4c-25f3e0b51f30");

    private final IngestFixture hub = new IngestFixture();
    private final FakePeer peer = hub.connect();

    @Test
    void acknowledgesOnlyWhatIsDurable() {
        peer.write(hello(CLIENT, 1));
        assertThat(peer.replies()).containsExactly(welcome(0));
        peer.write(lines(1, 3));
        assertThat(peer.replies()).isEmpty();
        hub.log.settleAll();
        assertThat(peer.replies()).containsExactly(ack(3));
        assertThat(hub.log.stored()).isEqualTo(messages(1, 3));
        assertThat(hub.log.chunks().get(0).client()).contains(new ClientMark(CLIENT, 3));
    }

    @Test
    void aHelloThatIsNotTheFirstLineIsRefused() {
        peer.write("\n" + line(1) + hello(CLIENT, 1) + line(2));
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 2));
        assertThat(peer.replies()).isEmpty();
        assertThat(hub.refusedCodes).containsExactly(RefusalCode.UNEXPECTED_CONTROL);

        FakePeer second = hub.connect();
        second.write(hello(CLIENT, 1) + hello(CLIENT, 1));
        assertThat(second.replies()).hasSize(3).anyMatch(reply -> reply.contains("unexpected_control") && reply.contains("\"seq\":1"));
    }

    @Test
    void aHelloThatCannotBeAcceptedIsAnsweredOnceAndEndsTheConnection() {
        peer.write("{\"v\":1,\"type\":\"hello\",\"src\":\"s\",\"ts\":1,\"data\":{\"client\":\"nobody\",\"next\":1}}\n" + line(1));
        hub.log.settleAll();
        assertThat(peer.replies()).singleElement().asString().contains("\"seq\":0").contains("invalid_hello");
        assertThat(peer.closed()).contains("invalid_hello");
        assertThat(hub.log.stored()).isEmpty();
    }

    @Test
    void aRefusedLineIsAnsweredAndCountsAsAcknowledged() {
        peer.write(hello(CLIENT, 1) + line(1) + "nonsense\n" + line(3));
        List<String> replies = peer.replies();
        assertThat(replies).hasSize(2);
        assertThat(replies.get(1)).contains("\"type\":\"error\"").contains("\"seq\":2");
        hub.log.settleAll();
        assertThat(peer.replies()).containsExactly(ack(3));

        peer.write("worse\n");
        assertThat(peer.replies()).hasSize(2).last().isEqualTo(ack(4));
    }

    @Test
    void aRefusedLineBehindFramesUnderWayIsAcknowledgedWithThem() {
        peer.write(hello(CLIENT, 1) + line(1));
        peer.write("nonsense\n");
        assertThat(peer.replies()).noneMatch(reply -> reply.contains("ack\""));
        hub.log.settleAll();
        assertThat(peer.replies()).containsExactly(ack(2));
    }

    /** Found by kill -9 during a swap: 162 acknowledged messages were not in the log. */
    @Test
    void aFrameThatBecomesDurableWhileFurtherLinesAreDecodedDoesNotAcknowledgeThem() {
        peer.write(hello(CLIENT, 1) + line(1));
        peer.replies();
        // The error is sent in the middle of the pass: line 2 is taken, and in no frame yet.
        peer.whenSent(hub.log::settleNext);
        peer.write(line(2) + "nonsense\n" + line(4));
        peer.whenSent(() -> { });
        assertThat(hub.log.stored()).isEqualTo(messages(1, 1));
        assertThat(peer.replies()).filteredOn(reply -> reply.contains("\"type\":\"ack\"")).containsExactly(ack(1));
        hub.log.settleAll();
        assertThat(peer.replies()).containsExactly(ack(4));
    }

    @Test
    void emptyLinesDoNotCountButHeartbeatsDo() {
        String heartbeat = "{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"heartbeat\"}\n";
        peer.write(hello(CLIENT, 1) + "\n\r\n" + heartbeat + "\n" + line(2));
        hub.log.settleAll();
        assertThat(peer.replies()).containsExactly(welcome(0), ack(2));
    }

    @Test
    void dropsWhatItHasAlreadyAfterAReconnect() {
        peer.write(hello(CLIENT, 1) + lines(1, 5));
        hub.log.settleNext();
        peer.write(lines(6, 8));
        peer.disconnect();

        FakePeer again = hub.connect();
        again.write(hello(CLIENT, 6) + lines(6, 10));
        hub.log.settleAll();

        assertThat(hub.log.stored()).isEqualTo(messages(1, 10));
        assertThat(again.replies()).containsExactly(welcome(5), ack(5), ack(8), ack(10));
        assertThat(hub.engine.statistics().duplicates()).isEqualTo(3);
    }

    /** Found by cut connections: a hub that had acknowledged 200 in the moment before seemed to know of 100 only. */
    @Test
    void noAcknowledgementOvertakesTheWelcome() {
        peer.write(hello(CLIENT, 1) + lines(1, 5));
        FakePeer again = hub.connect();
        again.beforeNextIsSent(hub.log::settleNext);
        again.write(hello(CLIENT, 1));
        assertThat(again.replies()).containsExactly(welcome(0), ack(5));
        again.write(lines(1, 6));
        hub.log.settleAll();
        assertThat(again.replies()).last().isEqualTo(ack(6));
    }

    @Test
    void linesThatAreStoredAlreadyAreAcknowledgedAgain() {
        peer.write(hello(CLIENT, 1) + lines(1, 5));
        hub.log.settleAll();
        peer.disconnect();

        FakePeer again = hub.connect();
        again.write(hello(CLIENT, 1));
        again.write(lines(1, 5));

        assertThat(again.replies()).containsExactly(welcome(5), ack(5));
    }

    @Test
    void anUnknownClientBeginsAtItsNext() {
        peer.write(hello(CLIENT, 101) + line(1));
        hub.log.settleAll();
        assertThat(peer.replies()).containsExactly(welcome(100), ack(101));
    }

    @Test
    void aSecondHelloFencesTheFirstSession() {
        peer.write(hello(CLIENT, 1) + lines(1, 2));
        hub.log.settleAll();
        FakePeer second = hub.connect();
        second.write(hello(CLIENT, 1));
        assertThat(peer.closed()).contains("fenced");
        assertThat(peer.replies()).containsSequence(welcome(0), ack(2)).last().asString().contains("\"seq\":0").contains("fenced");

        peer.write(lines(3, 4));
        second.write(lines(1, 3));
        hub.log.settleAll();

        assertThat(hub.log.stored()).isEqualTo(messages(1, 3));
        assertThat(second.replies()).containsExactly(welcome(2), ack(2), ack(3));
    }

    @Test
    void aFencedSessionIsFirstAcknowledgedWhatItHasUnderWay() {
        peer.write(hello(CLIENT, 1) + lines(1, 2));
        FakePeer second = hub.connect();
        second.write(hello(CLIENT, 10));
        assertThat(second.replies()).as("nobody waits for the log").containsExactly(welcome(0));
        peer.write(lines(3, 4));
        second.write(lines(10, 11));
        assertThat(peer.closed()).isEmpty();
        assertThat(peer.replies()).containsExactly(welcome(0));

        hub.log.settleNext();
        assertThat(peer.replies()).hasSize(2).first().isEqualTo(ack(2));
        assertThat(peer.closed()).contains("fenced");

        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(Stream.of(messages(1, 2), messages(10, 11)).flatMap(List::stream).toList());
        assertThat(peer.replies()).isEmpty();
        assertThat(second.replies()).last().isEqualTo(ack(11));
    }

    @Test
    void aFencedSessionWhoseFrameIsLostIsAcknowledgedOnlyWhatIsStored() {
        peer.write(hello(CLIENT, 1) + line(1));
        peer.write(line(2));
        FakePeer second = hub.connect();
        second.write(hello(CLIENT, 1));
        hub.log.settleNext();
        assertThat(peer.closed()).isEmpty();
        hub.log.failNext();
        assertThat(peer.replies()).hasSize(3).startsWith(welcome(0), ack(1)).last().asString().contains("fenced");
        assertThat(peer.closed()).contains("fenced");
    }

    @Test
    void aSessionThatIsFencedBehindALostFrameIsEndedToo() {
        peer.write(hello(CLIENT, 1) + line(1));
        peer.write(line(2));
        hub.log.failNext();
        FakePeer second = hub.connect();
        second.write(hello(CLIENT, 1) + lines(1, 3));
        FakePeer third = hub.connect();
        third.write(hello(CLIENT, 1));
        while (hub.log.heldFrames() > 0) {
            assertThat(second.closed()).isEmpty();
            hub.log.settleNext();
        }
        assertThat(second.replies()).last().asString().contains("fenced");
        assertThat(second.closed()).contains("fenced");
        third.write(lines(1, 3));
        hub.log.settleAll();
        assertThat(third.replies()).last().isEqualTo(ack(3));
    }

    @Test
    void aFencedSessionThatIsGoneBeforeItsFrameIsStoredIsForgotten() {
        peer.write(hello(CLIENT, 1) + line(1));
        FakePeer second = hub.connect();
        second.write(hello(CLIENT, 1));
        peer.disconnect();
        hub.log.settleAll();
        assertThat(peer.closed()).isEmpty();
        assertThat(second.replies()).containsExactly(welcome(0), ack(1));
    }

    @Test
    void aFrameThatTheLogCannotStoreIsNeverAcknowledgedNorAnythingBehindIt() {
        peer.write(hello(CLIENT, 1) + line(1));
        peer.write(line(2));
        peer.write(line(3));
        hub.log.settleNext();
        hub.log.failNext();
        hub.log.settleNext();
        assertThat(peer.replies()).containsExactly(welcome(0), ack(1));
        assertThat(peer.closed()).contains("disk on fire");

        FakePeer again = hub.connect();
        again.write(hello(CLIENT, 2) + lines(2, 3));
        hub.log.settleAll();
        assertThat(again.replies()).containsExactly(welcome(1), ack(3));
    }

    @Test
    void twoClientsOnTwoConnectionsDoNotDisturbEachOther() {
        UUID other = UUID.fromString("00000000-0000-4000-8000-000000000001");
        FakePeer second = hub.connect();
        peer.write(hello(CLIENT, 1) + line(1));
        second.write(hello(other, 1) + lines(2, 3));
        hub.log.settleAll();
        assertThat(peer.replies()).containsExactly(welcome(0), ack(1));
        assertThat(second.replies()).containsExactly(welcome(0), ack(2));
    }

    private static String welcome(long acked) {
        return "{\"v\":1,\"type\":\"welcome\",\"data\":{\"acked\":" + acked + ",\"hub\":\"test-hub\",\"max_message\":65536}}";
    }

    private static String ack(long number) {
        return "{\"v\":1,\"type\":\"ack\",\"data\":{\"seq\":" + number + "}}";
    }
}
