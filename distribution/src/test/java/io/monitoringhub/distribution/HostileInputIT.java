package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.Protocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything at once that a peer should not send, beside a good client. A further transport is one more {@link Way}. */
class HostileInputIT {

    private static final int GOOD_MESSAGES = 20_000;
    private static final long GIBIBYTE = 1L << 30;
    private static final String GOOD = "{\"v\":1,\"src\":\"hostile\",\"ts\":1,\"type\":\"heartbeat\"}\n";
    private static final Pattern RSS = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    @TempDir
    private Path folder;

    /**
     * A transport that takes a stream of bytes.
     *
     * @param name its name in the configuration
     * @param settings its settings, given a free port
     * @param address where to connect, given the same port
     */
    record Way(String name, IntFunction<String> settings, IntFunction<SocketAddress> address) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Way> ways() {
        return Stream.of(new Way("tcp", port -> "{ port: " + port + " }", port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    @Timeout(120)
    void the_hub_stays_up_explains_each_refusal_and_good_clients_are_unaffected(Way way) throws Exception {
        int goodPort = TestConfiguration.freePort();
        int port = way.name().equals("tcp") ? goodPort : TestConfiguration.freePort();
        String further = way.name().equals("tcp") ? "" : ", " + way.name() + ": " + way.settings().apply(port);
        try (PackagedHub hub = PackagedHub.unpackInto(folder.resolve("hub")).configure("""
                transports: { tcp: { port: %d }%s }
                backends: { archive: { type: filesystem, path: events } }
                """.formatted(goodPort, further)).start()) {
            SocketAddress address = way.address().apply(port);
            CompletableFuture<MonitoringSdk> good = CompletableFuture.supplyAsync(() -> logGoodMessages(goodPort));
            List<HostilePeer> silent = silentPeers(address);
            everyCodeIsAnswered(address);
            sessionsThatLie(address);
            plainPeersThatLie(address);
            brokenStreams(address);
            fuzz(address);
            aLineWithoutEnd(address);
            try (MonitoringSdk sdk = good.join()) {
                assertThat(sdk.stats().acked()).as("%s", sdk.stats()).isBetween((long) GOOD_MESSAGES, GOOD_MESSAGES + 1L);
                assertThat(sdk.stats().connects()).as("connections of the good client").isEqualTo(1);
                assertThat(sdk.stats().refused()).isZero();
            }
            hub.waitUntil("all good messages are delivered", () -> goodLines(hub) == GOOD_MESSAGES);
            for (HostilePeer peer : silent) {
                peer.close();
            }
            assertThat(hub.isRunning()).isTrue();
            assertThat(highestMemory(hub)).as("kB of resident memory at most; the heap's limit is 256 MiB").isLessThan(600_000);
            String log = hub.logTail(10_000);
            assertThat(log).doesNotContain("ERROR").doesNotContain("fault of the hub").doesNotContain("Exception");
            assertThat(log.lines().filter(line -> line.contains("refused a line from")).count()).as("one a code").isBetween(10L, 20L);
        }
    }

    private MonitoringSdk logGoodMessages(int port) {
        MonitoringSdk sdk = MonitoringSdk.builder().source("good").port(port).protocol(Protocol.ACKED).bufferMessages(GOOD_MESSAGES * 2)
                .spoolDirectory(folder.resolve("spool")).closeTimeout(Duration.ofSeconds(60)).build();
        for (int i = 0; i < GOOD_MESSAGES; i++) {
            sdk.logEvent("info", "message " + i);
        }
        sdk.close();
        return sdk;
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
        List<String> lines = new ArrayList<>();
        List<String> codes = new ArrayList<>();
        Files.readAllLines(Path.of("src/test/resources/hostile-lines.txt")).stream().filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .forEach(line -> {
                    String[] codeAndLine = line.split("\t", 2);
                    codes.add(codeAndLine[0]);
                    lines.add(codeAndLine[1]);
                });
        codes.add("too_deep");
        lines.add("{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"\",\"ctx\":{\"a\":" + "[".repeat(30_000) + "]".repeat(30_000)
                + "}}}");
        codes.add("too_long");
        lines.add("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
        codes.add("too_deep");
        lines.add("{\"a\":" + "{\"a\":".repeat(10_000));
        codes.add("malformed");
        lines.add("{\"v\":" + "9".repeat(60_000));
        try (HostilePeer peer = HostilePeer.session(hub, "")) {
            peer.send(String.join("\n", lines) + "\n");
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
                assertThat(answers[i + 1]).as(lines.get(i).substring(0, Math.min(200, lines.get(i).length()))).isEqualTo(codes.get(i));
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
            peer.sendWhileItListens(deflate(GOOD.repeat(3).getBytes(StandardCharsets.UTF_8), 1)).sendWhileItListens(new byte[] {-1, -1, -1, -1, -1, -1});
            assertThat(peer.rest()).contains("\"seq\":0,\"code\":\"invalid_stream\"");
        }
        try (HostilePeer bomb = HostilePeer.session(hub, ",\"compress\":[\"zlib\"]")) {
            assertThat(bomb.line()).contains("\"compress\":\"zlib\"");
            bomb.send(deflate(new byte[1 << 20], 1024));
            bomb.send(new byte[] {0, 1, 0, -2, -1, '\n'});
            assertThat(bomb.line()).as("a GiB of zeros").contains("\"seq\":1,\"code\":\"too_long\"");
        }
    }

    /** A whole stream that holds the same bytes so many times, without its end. */
    private static byte[] deflate(byte[] bytes, int times) {
        Deflater deflater = new Deflater();
        byte[] out = new byte[1 << 16];
        deflater.setInput(bytes);
        int head = deflater.deflate(out, 0, out.length, Deflater.FULL_FLUSH);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(out, 0, head);
        deflater.setInput(bytes);
        int again = deflater.deflate(out, 0, out.length, Deflater.FULL_FLUSH);
        for (int i = 1; i < times; i++) {
            all.write(out, 0, again);
        }
        deflater.end();
        return all.toByteArray();
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

    private static long goodLines(PackagedHub hub) {
        try (Stream<Path> files = Files.walk(hub.data().resolve("events"))) {
            long lines = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (Stream<String> all = Files.lines(file, StandardCharsets.ISO_8859_1)) {
                    lines += all.filter(line -> line.contains("\"src\":\"good\"") && line.contains("\"message ")).count();
                }
            }
            return lines;
        } catch (IOException e) {
            return -1;
        }
    }

    private static long highestMemory(PackagedHub hub) throws IOException {
        Matcher rss = RSS.matcher(Files.readString(Path.of("/proc/" + hub.pid() + "/status")));
        assertThat(rss.find()).isTrue();
        return Long.parseLong(rss.group(1));
    }
}
