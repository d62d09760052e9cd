package io.monitoringhub.ingest;

import static io.monitoringhub.ingest.IngestFixture.line;
import static io.monitoringhub.ingest.IngestFixture.lines;
import static io.monitoringhub.ingest.IngestFixture.messages;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.monitoringhub.protocol.RefusalCode;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class CompressedSessionTest {

    private static final UUID CLIENT = UUID.fromString("6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11");
    private static final int MEBIBYTE = 1 << 20;

    private final IngestFixture hub = new IngestFixture(new IngestSettings(65_536, MEBIBYTE, Duration.ofHours(24), 100, Duration.ofDays(1)));
    private final Deflater deflater = new Deflater();

    @AfterEach
    void close() {
        deflater.end();
        hub.engine.close();
    }

    @Test
    void a_client_that_offers_zlib_is_told_to_use_it_and_is_understood_however_the_network_cuts() {
        FakePeer peer = compressing();
        byte[] bytes = deflate(lines(1, 3), lines(4, 500));
        Random random = new Random(4);
        for (int from = 0; from < bytes.length;) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(300));
            assertThat(peer.write(Arrays.copyOfRange(bytes, from, to))).isTrue();
            from = to;
        }
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 500));
        assertThat(peer.replies()).last().asString().contains("\"ack\"").contains("\"seq\":500");
    }

    @Test
    void a_client_that_offers_what_the_hub_does_not_know_goes_on_as_it_is() {
        FakePeer peer = hub.connect();
        peer.write(hello("[\"brotli\",\"zstd\"]"));
        assertThat(peer.replies()).singleElement().asString().contains("\"welcome\"").doesNotContain("compress");
        peer.write(lines(1, 2));
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 2));
    }

    @Test
    void refused_lines_keep_their_numbers() {
        FakePeer peer = compressing();
        peer.write(deflate(line(1) + "nonsense\n\n" + line(3)));
        hub.log.settleAll();
        assertThat(peer.replies()).anyMatch(reply -> reply.contains("\"seq\":2") && reply.contains("not_object"))
                .anyMatch(reply -> reply.contains("\"ack\"") && reply.contains("\"seq\":3"));
    }

    @Test
    void who_does_not_wait_for_the_welcome_is_ended() {
        for (String early : List.of(line(1), "x", "x".repeat(70_000))) {
            FakePeer peer = hub.connect();
            peer.write(hello("[\"zlib\"]") + early);
            assertThat(peer.replies()).last().asString().contains("\"seq\":0").contains("invalid_stream").contains("wait for the welcome");
            assertThat(peer.closed()).contains("invalid_stream");
        }
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEmpty();
    }

    @Test
    void a_stream_that_breaks_is_told_and_whole_lines_before_it_count() {
        FakePeer peer = compressing();
        byte[] bytes = deflate(lines(1, 7));
        byte[] broken = Arrays.copyOf(bytes, bytes.length + 20);
        Arrays.fill(broken, bytes.length, broken.length, (byte) 0xFF);
        peer.write(broken);
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 7));
        assertThat(peer.replies()).anyMatch(reply -> reply.contains("\"seq\":0") && reply.contains("invalid_stream"));
        assertThat(peer.closed()).contains("invalid_stream");
        assertThat(hub.refusedCodes).containsExactly(RefusalCode.INVALID_STREAM);
    }

    @Test
    void plain_lines_where_compressed_ones_were_agreed_on_are_no_stream() {
        FakePeer peer = compressing();
        peer.write(lines(1, 3));
        assertThat(peer.closed()).contains("invalid_stream");
        assertThat(peer.write(deflate(lines(1, 3)))).as("what follows is dropped").isTrue();
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEmpty();
    }

    @Test
    void a_stream_may_end_but_nothing_may_follow() {
        FakePeer peer = compressing();
        deflater.setInput(bytes(lines(1, 2)));
        deflater.finish();
        byte[] out = new byte[1000];
        peer.write(Arrays.copyOf(out, deflater.deflate(out)));
        assertThat(peer.closed()).isEmpty();
        peer.write("x");
        assertThat(peer.closed()).contains("invalid_stream").contains("ended");
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, 2));
    }

    /** A GiB of zeros in a MiB. */
    @Test
    void a_bomb_costs_no_memory_and_is_one_line_that_is_too_long() {
        FakePeer peer = compressing();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        peer.write(deflate(line(1)));
        byte[] mebibyte = deflateApart(new byte[MEBIBYTE]);
        byte[] read = new byte[mebibyte.length * 64];
        for (int i = 0; i < 64; i++) {
            System.arraycopy(mebibyte, 0, read, i * mebibyte.length, mebibyte.length);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1024 / 64; i++) {
            assertThat(peer.write(read)).isTrue();
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16L * MEBIBYTE);
        assertThat(peer.closed()).isEmpty();
        peer.write(deflateApart(bytes("\n" + line(3))));
        hub.log.settleAll();
        assertThat(hub.log.stored()).containsExactly(line(1).strip(), line(3).strip());
        assertThat(peer.replies()).anyMatch(reply -> reply.contains("\"seq\":2") && reply.contains("too_long") && reply.contains("1073741825"));
    }

    @Test
    void back_pressure_stops_in_the_middle_of_compressed_bytes_and_goes_on_by_itself() throws Exception {
        FakePeer peer = compressing();
        int count = 40_000;
        assertThat(peer.write(deflate(lines(1, count)))).as("more than a MiB waits for the log").isFalse();
        assertThat(hub.engine.statistics().pendingBytes()).isLessThan(MEBIBYTE + (256 << 10));
        do {
            hub.log.settleAll();
        } while (!peer.awaitResume(Duration.ofMillis(5)));
        hub.log.settleAll();
        assertThat(hub.log.stored()).isEqualTo(messages(1, count));
        assertThat(peer.resumed()).isEqualTo(1);
    }

    @Test
    void a_session_that_ends_while_it_waits_leaves_nothing_behind() {
        FakePeer peer = compressing();
        assertThat(peer.write(deflate(lines(1, 40_000)))).isFalse();
        peer.disconnect();
        hub.log.settleAll();
        assertThat(hub.engine.statistics().sessions()).isZero();
        FakePeer again = hub.connect();
        again.write(IngestFixture.hello(CLIENT, 1) + lines(1, 40_000));
        hub.log.settleAll();
        assertThat(hub.log.stored()).as("sent again, and once").isEqualTo(messages(1, 40_000));
    }

    @Test
    void only_so_many_sessions_compress() {
        List<FakePeer> peers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            FakePeer peer = hub.connect();
            peer.write(IngestFixture.hello(UUID.randomUUID(), 1).replace("\"sdk\"", "\"compress\":[\"zlib\"],\"sdk\""));
            peers.add(peer);
        }
        FakePeer oneMore = hub.connect();
        oneMore.write(hello("[\"zlib\"]"));
        assertThat(oneMore.replies()).singleElement().asString().contains("welcome").doesNotContain("compress");
        peers.forEach(FakePeer::disconnect);
        compressing();
    }

    private FakePeer compressing() {
        FakePeer peer = hub.connect();
        peer.write(hello("[\"a-method-of-tomorrow\",\"zlib\"]"));
        assertThat(peer.replies()).singleElement().asString().contains("\"welcome\"").contains("\"compress\":\"zlib\"");
        return peer;
    }

    private static String hello(String compress) {
        return IngestFixture.hello(CLIENT, 1).replace("\"sdk\"", "\"compress\":" + compress + ",\"sdk\"");
    }

    private byte[] deflate(String... batches) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String batch : batches) {
            deflate(bytes(batch), Deflater.SYNC_FLUSH, all);
        }
        return all.toByteArray();
    }

    /** What can be repeated: it refers to nothing before it. */
    private byte[] deflateApart(byte[] bytes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        deflate(bytes, Deflater.FULL_FLUSH, all);
        return all.toByteArray();
    }

    private void deflate(byte[] bytes, int flush, ByteArrayOutputStream to) {
        byte[] out = new byte[8192];
        deflater.setInput(bytes);
        int count;
        do {
            count = deflater.deflate(out, 0, out.length, flush);
            to.write(out, 0, count);
        } while (count == out.length);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
