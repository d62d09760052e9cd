package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything at once that a peer should not send, beside a good client. A further transport is one more {@link StreamWay}. */
class HostileInputIT {

    private static final long GIBIBYTE = 1L << 30;
    private static final String GOOD = "{\"v\":1,\"src\":\"hostile\",\"ts\":1,\"type\":\"heartbeat\"}\n";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("io.monitoringhub.distribution.StreamWay#all")
    @Timeout(300)
    void the_hub_stays_up_explains_each_refusal_and_good_clients_are_unaffected(StreamWay way) throws Exception {
        try (SteadyHub hub = SteadyHub.startIn(folder)) {
            SocketAddress address = way.address().apply(hub);
            CompletableFuture<MonitoringSdk> good = hub.startGoodClient();
            List<HostilePeer> silent = silentPeers(address);
            everyCodeIsAnswered(address);
            sessionsThatLie(address);
            plainPeersThatLie(address);
            brokenStreams(address);
            fuzz(address);
            aLineWithoutEnd(address);
            hub.assertUnaffected(good);
            for (HostilePeer peer : silent) {
                peer.close();
            }
            String log = hub.assertSteady();
            assertThat(log.lines().filter(line -> line.contains("refused a line from")).count()).as("one a code").isBetween(10L, 20L);
        }
    }

    /** They begin something and never go on. */
    private static List<HostilePeer> silentPeers(SocketAddress hub) throws IOException {
        List<HostilePeer> peers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            peers.add(HostilePeer.connect(hub).send(List.of("", "{", HostilePeer.hello("").strip(), HostilePeer.hello("")).get(i % 4)));
        }
        return peers;
    }

    /** The answer to each line of a session, in the order of lines. */
    private static void everyCodeIsAnswered(SocketAddress hub) throws IOException {
        List<HostileLine> lines = HostileLine.all();
        try (HostilePeer peer = HostilePeer.session(hub, "")) {
            peer.send(lines.stream().map(HostileLine::text).collect(Collectors.joining("\n", "", "\n")));
            assertThat(peer.line()).contains("welcome");
            String[] answers = new String[lines.size() + 1];
            Arrays.fill(answers, "");
            for (int i = 0; i < lines.size(); i++) {
                String answer = peer.line();
                Matcher error = Pattern.compile("\"error\",\"data\":\\{\"seq\":(\\d+),\"code\":\"(\\w+)\",\"reason\":\"(.+)\"").matcher(answer);
                if (!error.find()) {
                    assertThat(answer).contains("\"ack\"");
                    i--;
                    continue;
                }
                answers[Integer.parseInt(error.group(1))] = error.group(2);
            }
            for (int i = 0; i < lines.size(); i++) {
                assertThat(answers[i + 1]).as(lines.get(i).toString()).isEqualTo(lines.get(i).code());
            }
        }
    }

    private static void sessionsThatLie(SocketAddress hub) throws IOException {
        try (HostilePeer twice = HostilePeer.session(hub, "").send(HostilePeer.hello("") + GOOD)) {
            assertThat(twice.until("\"ack\",\"data\":{\"seq\":2}")).contains("welcome").contains("\"seq\":1,\"code\":\"unexpected_control\"");
        }
        String largest = HostilePeer.hello("").replace("\"next\":1", "\"next\":" + Long.MAX_VALUE);
        try (HostilePeer atTheEnd = HostilePeer.connect(hub).send(largest + GOOD)) {
            assertThat(atTheEnd.until("\"ack\"")).contains("welcome").contains("\"seq\":" + Long.MAX_VALUE);
        }
        for (String next : List.of("0", "-1", "9223372036854775808", "1e3", "\"1\"", "null", "[]")) {
            try (HostilePeer peer = HostilePeer.connect(hub).send(HostilePeer.hello("").replace("\"next\":1", "\"next\":" + next) + GOOD)) {
                assertThat(peer.rest()).as(next).contains("\"seq\":0,\"code\":\"invalid_hello\"").doesNotContain("welcome");
            }
        }
        try (HostilePeer early = HostilePeer.session(hub, ",\"compress\":[\"zlib\"]").send(GOOD)) {
            assertThat(early.rest()).contains("invalid_stream");
        }
    }

    /** None of them is sent a byte. */
    private static void plainPeersThatLie(SocketAddress hub) throws IOException {
        for (String bytes : List.of(GOOD + HostilePeer.hello(""), "\r\n\r\n" + GOOD + "\r", "\0\0\0\n" + GOOD, "\r".repeat(5_000), " \t\n".repeat(5_000),
                "{\"v\":1,\"type\":\"ack\",\"data\":{\"seq\":9}}\n", "GET / HTTP/1.1\r\nHost: hub\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001", "\ufeff" + GOOD,
                "nonsense\n".repeat(5_000))) {
            try (HostilePeer peer = HostilePeer.connect(hub).sendWhileItListens(bytes.getBytes(StandardCharsets.UTF_8))) {
                assertThat(peer.rest()).isEmpty();
            }
        }
    }

    private static void brokenStreams(SocketAddress hub) throws IOException {
        try (HostilePeer peer = HostilePeer.session(hub, ",\"compress\":[\"zlib\"]")) {
            assertThat(peer.line()).contains("\"compress\":\"zlib\"");
            peer.sendWhileItListens(HostileBodies.deflated(GOOD.repeat(3).getBytes(StandardCharsets.UTF_8), 1, false)).sendWhileItListens(new byte[] {-1, -1, -1, -1, -1, -1});
            assertThat(peer.rest()).contains("\"seq\":0,\"code\":\"invalid_stream\"");
        }
        try (HostilePeer bomb = HostilePeer.session(hub, ",\"compress\":[\"zlib\"]")) {
            assertThat(bomb.line()).contains("\"compress\":\"zlib\"");
            bomb.send(HostileBodies.deflateBomb());
            bomb.send(new byte[] {0, 1, 0, -2, -1, '\n'});
            assertThat(bomb.line()).as("a GiB of zeros").contains("\"seq\":1,\"code\":\"too_long\"");
        }
    }

    private static void fuzz(SocketAddress hub) throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(20_000)];
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length; i += 1 + random.nextInt(100)) {
                bytes[i] = (byte) "\n{}\"[],:\\".charAt(random.nextInt(9));
            }
            try (HostilePeer peer = seed % 2 == 0 ? HostilePeer.connect(hub) : HostilePeer.session(hub, "")) {
                peer.sendWhileItListens(bytes);
                String answers = peer.rest();
                assertThat(answers.lines().allMatch(line -> line.startsWith("{\"v\":1,\"type\":"))).as(answers).isTrue();
            }
        }
    }

    private static void aLineWithoutEnd(SocketAddress hub) throws IOException {
        byte[] block = "x".repeat(1 << 18).getBytes(StandardCharsets.US_ASCII);
        try (HostilePeer peer = HostilePeer.session(hub, "")) {
            for (long sent = 0; sent < GIBIBYTE; sent += block.length) {
                peer.send(block);
            }
            peer.send("\n" + GOOD);
            assertThat(peer.until("\"ack\",\"data\":{\"seq\":2}")).contains("\"seq\":1,\"code\":\"too_long\"").contains("1073741825 bytes");
        }
    }
}
