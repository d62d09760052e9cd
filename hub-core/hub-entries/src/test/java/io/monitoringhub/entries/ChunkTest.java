package io.monitoringhub.entries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class ChunkTest {

    private final ChunkBuilder builder = new ChunkBuilder();

    @Test
    void keepsTheMessagesBytesAndTheirEnvelopes() throws ChunkFormatException {
        byte[] received = bytes("{one}\r\n\n{two}\n{three}\n");
        builder.add(0, 5, "queue-service", MessageType.EVENT, 2, 1697821234567L, true, false);
        builder.add(8, 13, "file-receiver", MessageType.SPAN, -1, -1L, false, true);
        builder.add(14, 21, "queue-service", MessageType.HEARTBEAT, -1, 0, false, false);

        Chunk chunk = Chunk.of(encode(received), new SourceNames());

        assertThat(chunk.count()).isEqualTo(3);
        assertThat(text(chunk.message(0))).isEqualTo("{one}");
        assertThat(text(chunk.lines(0, 3))).isEqualTo("{one}\n{two}\n{three}\n");
        assertThat(chunk.source(0)).isEqualTo("queue-service").isSameAs(chunk.source(2));
        assertThat(chunk.source(1)).isEqualTo("file-receiver");
        assertThat(chunk.level(0)).contains(Level.WARN);
        assertThat(chunk.level(1)).isEmpty();
        assertThat(chunk.type(1)).isEqualTo(MessageType.SPAN);
        assertThat(chunk.timestamp(0)).isEqualTo(1697821234567L);
        assertThat(chunk.timestamp(1)).isEqualTo(-1);
        assertThat(List.of(chunk.isTraced(0), chunk.isTraced(1))).containsExactly(true, false);
        assertThat(List.of(chunk.isClockOff(0), chunk.isClockOff(1))).containsExactly(false, true);
        assertThat(chunk.client()).isEmpty();
    }

    @Test
    void carriesWhatAnAcknowledgedSessionSettles() throws ChunkFormatException {
        UUID client = UUID.fromString("6e9f4bd4-7f5c-4a40-8a4c-25f3e0b51f30");
        builder.add(0, 2, "s", MessageType.METRIC, -1, 5, false, false);
        builder.settle(client, 41);

        assertThat(Chunk.of(encode(bytes("{}\n")), new SourceNames()).client()).contains(new ClientMark(client, 41));
    }

    @Test
    void refusesAChunkOfANewerVersion() {
        builder.add(0, 2, "s", MessageType.METRIC, -1, 5, false, false);
        ByteBuffer chunk = encode(bytes("{}\n")).put(0, (byte) 9);

        assertThatThrownBy(() -> Chunk.of(chunk, new SourceNames())).isInstanceOf(ChunkFormatException.class)
                .hasMessageContaining("version 9");
    }

    @Test
    void refusesEveryTruncatedChunk() {
        builder.add(0, 2, "source", MessageType.METRIC, -1, 5, false, false);
        builder.add(3, 5, "other", MessageType.METRIC, -1, 5, false, false);
        ByteBuffer whole = encode(bytes("{}\n{}\n"));
        for (int length = 0; length < whole.limit(); length++) {
            ByteBuffer cut = whole.slice(0, length);
            assertThatThrownBy(() -> Chunk.of(cut, new SourceNames())).isInstanceOf(ChunkFormatException.class);
        }
    }

    @Test
    void routeKeyTellsSourceTypeAndLevelButNotMarks() throws ChunkFormatException {
        builder.add(0, 1, "s", MessageType.EVENT, 2, 5, true, true);
        builder.add(1, 2, "s", MessageType.EVENT, 2, 6, false, false);
        builder.add(2, 3, "s", MessageType.EVENT, 3, 6, false, false);
        builder.add(3, 4, "t", MessageType.EVENT, 3, 6, false, false);
        Chunk chunk = Chunk.of(encode(bytes("abcd")), new SourceNames());

        assertThat(chunk.routeKey(0)).isEqualTo(chunk.routeKey(1)).isNotEqualTo(chunk.routeKey(2));
        assertThat(chunk.routeKey(2)).isNotEqualTo(chunk.routeKey(3));
    }

    @Test
    void manySourcesInOneChunkAreKeptApart() throws ChunkFormatException {
        byte[] received = bytes("x\n".repeat(3000));
        for (int i = 0; i < 3000; i++) {
            builder.add(2 * i, 2 * i + 1, "source-" + i % 1000, MessageType.EVENT, 1, i, false, false);
        }
        Chunk chunk = Chunk.of(encode(received), new SourceNames());
        for (int i = 0; i < 3000; i++) {
            assertThat(chunk.source(i)).isEqualTo("source-" + i % 1000);
        }
    }

    @Property(tries = 200)
    void readsBackWhatWasBuilt(@ForAll @Size(max = 50) List<@StringLength(max = 40) String> sources,
            @ForAll @IntRange(min = 0, max = 5) int gap) throws ChunkFormatException {
        builder.reset();
        StringBuilder received = new StringBuilder();
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            received.append("\n".repeat(gap));
            String message = "{\"n\":" + i + "}";
            int from = received.length();
            received.append(message).append('\n');
            messages.add(message);
            builder.add(from, from + message.length(), sources.get(i), MessageType.at(i % 7), i % 6 - 1, i, i % 2 == 0, i % 3 == 0);
        }
        Chunk chunk = Chunk.of(encode(bytes(received.toString())), new SourceNames());
        assertThat(chunk.count()).isEqualTo(sources.size());
        for (int i = 0; i < chunk.count(); i++) {
            assertThat(text(chunk.message(i))).isEqualTo(messages.get(i));
            assertThat(chunk.source(i).getBytes(StandardCharsets.UTF_8)).isEqualTo(bytes(sources.get(i)));
            assertThat(chunk.type(i)).isEqualTo(MessageType.at(i % 7));
        }
    }

    private ByteBuffer encode(byte[] received) {
        ByteBuffer target = ByteBuffer.allocate(builder.encodedBytes());
        builder.encode(received, target);
        assertThat(target.hasRemaining()).isFalse();
        return target.flip();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
