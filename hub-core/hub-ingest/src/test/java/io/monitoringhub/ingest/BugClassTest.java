package io.monitoringhub.ingest;

import static io.monitoringhub.ingest.IngestFixture.hello;
import static io.monitoringhub.ingest.IngestFixture.line;
import static io.monitoringhub.ingest.IngestFixture.lines;
import static io.monitoringhub.ingest.IngestFixture.messages;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What bit other receivers; docs/bug-classes.md has the numbers and where the others are. */
class BugClassTest {

    private static final UUID CLIENT = UUID.fromString("2c1de8b7-0a7b-4c5e-9d4e-6b9e0f1a2b3c");

    private final IngestFixture hub = new IngestFixture();
    private final FakePeer peer = hub.connect();

    @Test
    void class07_noAcknowledgementBeforeTheAppendIsDurableHoweverManyReadsFollow() {
        peer.write(hello(CLIENT, 1));
        for (int read = 0; read < 20; read++) {
            peer.write(lines(read * 10 + 1, read * 10 + 10));
        }
        assertThat(acks(peer)).isEmpty();
        hub.log.settleNext();
        assertThat(acks(peer)).last().asString().contains("\"seq\":10}");
        hub.log.settleAll();
        assertThat(acks(peer)).last().asString().contains("\"seq\":200}");
        assertThat(hub.log.stored()).isEqualTo(messages(1, 200));
    }

    /** Cut anywhere, at the very last byte before the newline, too. */
    @ParameterizedTest
    @ValueSource(ints = {1, 17, -1})
    void class08_aPartialLastLineIsNeitherAMessageNorCounted(int at) {
        String third = line(3);
        String part = third.substring(0, at > 0 ? at : third.length() + at);
        peer.write(hello(CLIENT, 1) + lines(1, 2) + part);
        peer.disconnect();
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 2));
        assertThat(hub.refusedCodes).isEmpty();

        FakePeer again = hub.connect();
        again.write(hello(CLIENT, 3) + lines(3, 4));
        hub.log.settleAll();
        assertThat(hub.log.stored()).as("the third is stored when it comes again").isEqualTo(messages(1, 4));
    }

    @Test
    void class13_everyLineIsStoredOrCountedWithItsReason() {
        List<String> bad = List.of("nonsense", "[]", "{}", "{\"v\":1}", "{\"v\":9,\"src\":\"s\",\"ts\":1,\"type\":\"event\"}",
                "{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"rumour\"}", "{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"event\",\"data\":{\"level\":\"loud\"}}");
        for (int i = 0; i < bad.size(); i++) {
            peer.write(line(i + 1) + bad.get(i) + "\n");
        }
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, bad.size()));
        assertThat(hub.engine.statistics().refusedInAll()).isEqualTo(bad.size());
        assertThat(hub.refusedLines).isEqualTo(bad);
        assertThat(hub.refusedCodes).hasSize(bad.size()).doesNotContainNull();
    }

    @Test
    void class15_theLimitIsOnTheMessageNotOnTheLifeOfTheConnection() {
        IntStream.range(0, 50).forEach(i -> peer.write(lines(1, 1_000)));
        hub.log.settleAll();
        assertThat(hub.log.stored()).hasSize(50_000);
        assertThat(hub.refusedCodes).isEmpty();
        assertThat(peer.closed()).isEmpty();
    }

    private static List<String> acks(FakePeer peer) {
        return peer.replies().stream().filter(reply -> reply.contains("\"type\":\"ack\"")).toList();
    }
}
