package io.monitoringhub.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every transport over connections must do: extend it, say how to make one and how to connect to it, and run it. After each test no
 * session may have been ended twice or used against its contract.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
public abstract class TransportContract {

    private static final Set<String> THREADS_OF_OTHERS = Set.of("Common-Cleaner", "process reaper", "Attach Listener", "Cleaner-0",
            "contract-other", "hub-accept");
    private static final Duration GRACE = Duration.ofSeconds(3);
    /** For what ends long before by itself, on any machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** More than a transport may keep for a peer that takes nothing: what the operating system buffers, and some reads. */
    private static final long FAR_TOO_MUCH = 96L << 20;
    /** A peer that can't write for this long is held back. */
    private static final long HELD_BACK_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** The hub's data folder for one test. */
    @TempDir
    protected Path home;

    private final List<Transport> made = new ArrayList<>();
    private final List<RecordingIngest> used = new ArrayList<>();
    private final List<SocketChannel> clients = new ArrayList<>();
    private final ExecutorService other = Executors.newSingleThreadExecutor(task -> new Thread(task, "contract-other"));

    /** A new transport, not started, that will listen where nobody else does. */
    protected abstract Transport newTransport();

    /** A new transport, not started, that will listen where another one does or did. @param address as {@link Transport#address()} said it */
    protected abstract Transport newTransportAt(String address);

    /** Connects to a transport. @param address as {@link Transport#address()} says it */
    protected abstract SocketChannel open(String address) throws IOException;

    /** The type of the transport. */
    protected abstract String type();

    /** A hub whose sessions take everything and say nothing; checked after the test. */
    protected final RecordingIngest ingest() {
        return checked(RecordingIngest.silent(type(), home));
    }

    /** A hub whose sessions react to what they are given; checked after the test. */
    protected final RecordingIngest ingest(RecordingSession.Reaction reaction) {
        return checked(RecordingIngest.silent(type(), home).reacting(reaction));
    }

    private RecordingIngest checked(RecordingIngest ingest) {
        used.add(ingest);
        return ingest;
    }

    /** Starts a new transport; it is stopped after the test. */
    protected final Transport started(Ingest ingest) throws Exception {
        return started(newTransport(), ingest);
    }

    /** Starts a transport; it is stopped after the test. */
    protected final Transport started(Transport transport, Ingest ingest) throws Exception {
        made.add(transport);
        transport.start(ingest);
        return transport;
    }

    /** Connects to a transport; the connection is closed after the test. */
    protected final SocketChannel connect(Transport transport) throws IOException {
        SocketChannel client = open(transport.address());
        clients.add(client);
        return client;
    }

    @AfterEach
    void stopAllAndLookAtTheSessions() throws Exception {
        for (SocketChannel client : clients) {
            client.close();
        }
        for (Transport transport : made) {
            transport.stop(GRACE);
        }
        other.shutdownNow();
        for (RecordingIngest ingest : used) {
            ingest.close();
            assertThat(ingest.breaches()).as("what a transport must not do").isEmpty();
            assertThat(ingest.sessions()).allSatisfy(session -> assertThat(session.ends()).as("%s", session).isEqualTo(1));
        }
    }

    @Test
    void a_message_may_be_split_at_every_byte() throws Exception {
        RecordingIngest ingest = ingest();
        SocketChannel client = connect(started(ingest));
        byte[] message = "{\"v\":1,\"src\":\"gr\u00fc\u00dfe-\ud83d\ude80\",\"ts\":1,\"type\":\"heartbeat\"}\n".getBytes(StandardCharsets.UTF_8);
        RecordingSession session = ingest.session(0);
        for (int split = 1; split < message.length; split++) {
            long before = session.size();
            int first = split;
            write(client, ByteBuffer.wrap(message, 0, split));
            Await.until("the first " + split + " bytes", () -> session.size() == before + first);
            write(client, ByteBuffer.wrap(message, split, message.length - split));
            Await.until("the rest", () -> session.size() == before + message.length);
        }
        assertThat(session.text()).isEqualTo(new String(message, StandardCharsets.UTF_8).repeat(message.length - 1));
    }

    @Test
    void two_messages_may_come_in_one_packet() throws Exception {
        RecordingIngest ingest = ingest();
        SocketChannel client = connect(started(ingest));
        write(client, "one\ntwo\n");
        RecordingSession session = ingest.session(0);
        Await.until("both", () -> session.text().equals("one\ntwo\n"));
    }

    @Test
    void what_a_peer_sent_before_it_ended_is_passed_on() throws Exception {
        RecordingIngest ingest = ingest();
        Transport transport = started(ingest);
        String text = "x".repeat(99).concat("\n").repeat(20_000);
        try (SocketChannel client = open(transport.address())) {
            write(client, text);
        }
        RecordingSession session = ingest.session(0);
        awaitEnd(session);
        assertThat(session.size()).isEqualTo(text.length());
    }

    @Test
    void a_half_closed_peer_gets_what_it_was_sent() throws Exception {
        RecordingIngest ingest = ingest((session, bytes) -> {
            session.send("answer\n".repeat(bytes));
            return true;
        });
        SocketChannel client = connect(started(ingest));
        String text = "z".repeat(300_000);
        write(client, text);
        client.shutdownOutput();
        assertThat(readToEnd(client)).isEqualTo("answer\n".repeat(text.length()));
        awaitEnd(ingest.session(0));
        assertThat(ingest.session(0).text()).isEqualTo(text);
    }

    @Test
    void a_peer_that_resets_its_connection_ends_its_session() throws Exception {
        RecordingIngest ingest = ingest();
        SocketChannel client = connect(started(ingest));
        write(client, "something\n");
        RecordingSession session = ingest.session(0);
        Await.until("something", () -> session.size() > 0);
        if (client.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        client.close();
        awaitEnd(session);
    }

    @Test
    void reads_nothing_while_the_session_says_stop_and_loses_nothing() throws Exception {
        RecordingIngest ingest = checked(RecordingIngest.silent(type(), home).counting().reacting((session, bytes) -> false));
        SocketChannel client = connect(started(ingest));
        RecordingSession session = ingest.session(0);
        long sent = writeUntilHeldBack(client);
        Await.until("the first read", () -> session.size() > 0);
        long received = session.size();
        assertThat(received).as("bytes of the one read before the stop").isPositive().isLessThan(sent);
        client.configureBlocking(true);
        client.shutdownOutput();
        Await.until("all " + sent + " bytes", Duration.ofSeconds(60), () -> {
            session.resume();
            return session.size() == sent;
        }, session::toString);
        session.resume();
        awaitEnd(session);
    }

    @Test
    void a_resume_counts_that_comes_before_receive_has_returned() throws Exception {
        RecordingIngest ingest = ingest((session, bytes) -> {
            session.resume();
            return false;
        });
        SocketChannel client = connect(started(ingest));
        RecordingSession session = ingest.session(0);
        for (int round = 1; round <= 100; round++) {
            long expected = round * 10L;
            write(client, "123456789\n");
            Await.until("round " + round, () -> session.size() == expected);
        }
    }

    @Test
    void a_resume_counts_that_comes_from_another_thread_at_any_moment() throws Exception {
        RecordingIngest ingest = ingest((session, bytes) -> {
            other.execute(session::resume);
            return false;
        });
        SocketChannel client = connect(started(ingest));
        RecordingSession session = ingest.session(0);
        for (int round = 1; round <= 500; round++) {
            long expected = round * 10L;
            write(client, "123456789\n");
            Await.until("round " + round, () -> session.size() == expected);
        }
    }

    @Test
    void replies_arrive_in_the_order_in_which_they_were_sent_from_whatever_thread() throws Exception {
        AtomicInteger number = new AtomicInteger();
        int rounds = 3_000;
        RecordingIngest ingest = ingest((session, bytes) -> {
            for (int i = 0; i < bytes; i++) {
                CompletableFuture.runAsync(() -> session.send(number.getAndIncrement() + "\n"), other).join();
                session.send(number.getAndIncrement() + "\n");
            }
            return true;
        });
        SocketChannel client = connect(started(ingest));
        write(client, "x".repeat(rounds));
        client.shutdownOutput();
        assertThat(readToEnd(client).lines()).containsExactlyElementsOf(IntStream.range(0, rounds * 2).mapToObj(String::valueOf).toList());
    }

    @Test
    void big_replies_reach_a_slow_reader_whole() throws Exception {
        RecordingIngest ingest = ingest();
        SocketChannel client = connect(started(ingest));
        RecordingSession session = ingest.session(0);
        int lines = 300;
        CompletableFuture.runAsync(() -> IntStream.range(0, lines)
                .forEach(i -> session.send((i + ":").concat("y".repeat(30_000)).concat("\n"))), other).join();
        long length = IntStream.range(0, lines).mapToLong(i -> String.valueOf(i).length() + 30_002).sum();
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        ByteBuffer small = ByteBuffer.allocate(5_000);
        while (got.size() < length) {
            assertThat(client.read(small.clear())).isPositive();
            got.write(small.array(), 0, small.position());
        }
        assertThat(got.toString(StandardCharsets.UTF_8).lines().map(line -> line.substring(0, line.indexOf(':'))))
                .containsExactlyElementsOf(IntStream.range(0, lines).mapToObj(String::valueOf).toList());
    }

    @Test
    void stops_reading_from_a_peer_that_takes_no_answers_and_goes_on_when_it_does() throws Exception {
        AtomicLong answered = new AtomicLong();
        RecordingIngest ingest = checked(RecordingIngest.silent(type(), home).counting().reacting((session, bytes) -> {
            session.replies().send(ByteBuffer.allocate(bytes));
            answered.addAndGet(bytes);
            return true;
        }));
        SocketChannel client = connect(started(ingest));
        RecordingSession session = ingest.session(0);
        long sent = writeUntilHeldBack(client);
        assertThat(answered.get()).as("bytes that a peer was sent who takes none").isLessThan(FAR_TOO_MUCH);
        client.configureBlocking(true);
        client.shutdownOutput();
        assertThat(drain(client)).isEqualTo(sent);
        assertThat(session.size()).isEqualTo(sent);
    }

    @Test
    void close_ends_the_connection_after_pending_replies_even_if_the_peer_goes_on_sending() throws Exception {
        String reply = "r".repeat(3 << 20);
        AtomicInteger calls = new AtomicInteger();
        RecordingIngest ingest = ingest((session, bytes) -> {
            if (calls.getAndIncrement() == 0) {
                session.send(reply);
                session.replies().close("the contract wants it");
                session.replies().close("twice");
            }
            return true;
        });
        SocketChannel client = connect(started(ingest));
        write(client, "begin\n");
        RecordingSession session = ingest.session(0);
        Await.until("the first bytes", () -> session.size() > 0);
        write(client, "more\n".repeat(10_000));
        assertThat(readToEnd(client)).hasSize(reply.length());
        client.close();
        awaitEnd(session);
    }

    @Test
    void close_ends_a_connection_whose_peer_neither_reads_nor_ends() throws Exception {
        RecordingIngest ingest = ingest((session, bytes) -> {
            session.send("r".repeat(16 << 20));
            session.replies().close("the contract wants it");
            return true;
        });
        SocketChannel client = connect(started(ingest));
        write(client, "begin\n");
        awaitEnd(ingest.session(0));
    }

    @Test
    void replies_to_a_peer_that_has_gone_are_ignored() throws Exception {
        RecordingIngest ingest = ingest();
        Transport transport = started(ingest);
        RecordingSession session;
        try (SocketChannel client = open(transport.address())) {
            write(client, "x\n");
            session = ingest.session(0);
        }
        awaitEnd(session);
        session.send("late\n");
        session.replies().resume();
        session.replies().close("late");
        transport.stop(GRACE);
        assertThatCode(() -> {
            session.send("later\n");
            session.replies().resume();
            session.replies().close("later");
        }).doesNotThrowAnyException();
    }

    @Test
    void stop_passes_on_what_was_sent_before_ends_connections_and_leaves_nothing() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        RecordingIngest ingest = ingest((session, bytes) -> {
            session.send("a".repeat(bytes));
            return true;
        });
        Transport transport = started(ingest);
        String address = transport.address();
        int count = 20;
        String text = "0123456789abcdef\n".repeat(4_000);
        List<SocketChannel> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SocketChannel client = connect(transport);
            peers.add(client);
            write(client, text);
        }
        transport.stop(PATIENCE);
        assertThat(transport.address()).isEmpty();
        assertThat(ingest.sessions()).hasSize(count).allSatisfy(session -> {
            assertThat(session.size()).isEqualTo(text.length());
            assertThat(session.ends()).isEqualTo(1);
        });
        for (SocketChannel client : peers) {
            assertThat(drain(client)).as("answers").isEqualTo(text.length());
        }
        assertThat(threadsSince(before)).as("threads that are alive after stop").isEmpty();
        RecordingIngest next = ingest();
        Transport again = started(newTransportAt(address), next);
        write(connect(again), "hello again\n");
        RecordingSession session = next.session(0);
        Await.until("a message to the next one", () -> session.text().equals("hello again\n"));
    }

    @Test
    void stop_does_not_wait_for_a_peer_that_goes_on_sending() throws Exception {
        Transport transport = started(ingest());
        SocketChannel client = connect(transport);
        CompletableFuture<Void> sending = new CompletableFuture<>();
        other.execute(() -> {
            try {
                while (true) {
                    write(client, "on and on\n");
                    sending.complete(null);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
                }
            } catch (IOException ended) {
                // what the test is waiting for
            }
        });
        sending.get(60, TimeUnit.SECONDS);
        long begin = System.nanoTime();
        transport.stop(PATIENCE);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PATIENCE.dividedBy(2));
    }

    @Test
    void stop_keeps_to_its_time_whatever_peers_and_sessions_do() throws Exception {
        RecordingIngest ingest = ingest((session, bytes) -> {
            session.send("a".repeat(16 << 20));
            return false;
        });
        Transport transport = started(ingest);
        SocketChannel client = connect(transport);
        write(client, "never read again\n".repeat(1_000));
        RecordingSession session = ingest.session(0);
        Await.until("bytes", () -> session.size() > 0);
        connect(transport);
        ingest.session(1);
        long begin = System.nanoTime();
        transport.stop(Duration.ofSeconds(1));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("a second, and what a busy machine adds").isLessThan(PATIENCE.dividedBy(2));
        assertThat(ingest.sessions()).hasSize(2).allSatisfy(each -> assertThat(each.ends()).isEqualTo(1));
    }

    @Test
    void an_interrupted_stop_releases_everything() throws Exception {
        RecordingIngest ingest = ingest((session, bytes) -> false);
        Transport transport = started(ingest);
        String address = transport.address();
        write(connect(transport), "something\n");
        RecordingSession session = ingest.session(0);
        Await.until("bytes", () -> session.size() > 0);
        Thread.currentThread().interrupt();
        try {
            transport.stop(Duration.ofSeconds(30));
        } catch (InterruptedException wanted) {
            // what the contract asks for
        } finally {
            Thread.interrupted();
        }
        awaitEnd(session);
        started(newTransportAt(address), ingest());
    }

    @Test
    void stop_may_come_without_start_and_twice() {
        Transport transport = newTransport();
        assertThat(transport.address()).isEmpty();
        assertThatCode(() -> {
            transport.stop(GRACE);
            transport.stop(GRACE);
        }).doesNotThrowAnyException();
    }

    @Test
    void starts_again_after_stop() throws Exception {
        Transport transport = newTransport();
        for (int round = 0; round < 3; round++) {
            RecordingIngest ingest = ingest();
            started(transport, ingest);
            assertThat(transport.address()).isNotEmpty();
            write(connect(transport), "round " + round);
            String expected = "round " + round;
            RecordingSession session = ingest.session(0);
            Await.until(expected, () -> session.text().equals(expected));
            transport.stop(GRACE);
            transport.stop(GRACE);
        }
    }

    @Test
    void an_address_in_use_is_named_and_can_be_had_when_it_is_free() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Transport first = started(ingest());
        String address = first.address();
        Transport second = newTransportAt(address);
        for (int attempt = 0; attempt < 3; attempt++) {
            assertThatThrownBy(() -> started(second, ingest())).isInstanceOf(IOException.class).hasMessageContaining(address)
                    .hasMessageMatching(".*\\. .{20,}");
            assertThat(second.address()).isEmpty();
        }
        first.stop(GRACE);
        assertThat(threadsSince(before)).as("threads of attempts to start").isEmpty();
        RecordingIngest ingest = ingest();
        started(second, ingest);
        connect(second);
        ingest.session(0);
    }

    @Test
    void who_connects_while_the_transport_is_replaced_is_served_by_its_successor() throws Exception {
        RecordingIngest ingest = checked(RecordingIngest.silent(type(), home).keepingSockets());
        Transport first = started(ingest);
        String address = first.address();
        write(connect(first), "to the first\n");
        first.stop(GRACE);
        SocketChannel between = open(address);
        clients.add(between);
        write(between, "between\n");
        assertThat(ingest.sessions()).as("served by nobody").hasSize(1);
        Transport second = started(newTransportAt(address), ingest);
        assertThat(second.address()).isEqualTo(address);
        RecordingSession session = ingest.session(1);
        Await.until("the message of who waited", () -> session.text().equals("between\n"));
        write(connect(second), "to the second\n");
        RecordingSession last = ingest.session(2);
        Await.until("a message to the second", () -> last.text().equals("to the second\n"));
    }

    @Test
    void a_session_that_fails_ends_its_connection_and_no_other() throws Exception {
        RecordingIngest ingest = ingest((session, bytes) -> {
            if (session.text().contains("poison")) {
                throw new IllegalStateException("wanted by the test");
            }
            return true;
        });
        Transport transport = started(ingest);
        List<SocketChannel> good = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            good.add(connect(transport));
            ingest.session(i);
        }
        for (int i = 0; i < 8; i++) {
            SocketChannel bad = connect(transport);
            write(bad, "poison\n");
            awaitEnd(ingest.session(8 + i));
            assertThat(endsWithinDeadline(bad)).isTrue();
        }
        for (int i = 0; i < 8; i++) {
            RecordingSession session = ingest.session(i);
            write(good.get(i), "fine\n");
            Await.until("a message on another connection", () -> session.text().equals("fine\n"));
        }
    }

    /** Waits for a session to be ended. */
    protected static void awaitEnd(RecordingSession session) throws Exception {
        Await.until("end of the session", Await.DEADLINE, () -> session.ends() > 0, session::toString);
    }

    /** Writes all of a text. */
    protected static void write(SocketChannel client, String text) throws IOException {
        write(client, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void write(SocketChannel client, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    /** Writes lines until the transport reads no more. @return how many bytes were written */
    private static long writeUntilHeldBack(SocketChannel client) throws IOException {
        client.configureBlocking(false);
        ByteBuffer lines = ByteBuffer.wrap("0123456789abcdef0123456789abcde\n".repeat(2048).getBytes(StandardCharsets.US_ASCII));
        long sent = 0;
        long lastProgress = System.nanoTime();
        while (System.nanoTime() - lastProgress < HELD_BACK_NANOS) {
            int written = client.write(lines);
            if (written > 0) {
                sent += written;
                lastProgress = System.nanoTime();
                if (sent > 2 * FAR_TOO_MUCH) {
                    throw new AssertionError("not held back after " + sent + " bytes");
                }
            } else {
                Thread.onSpinWait();
            }
            if (!lines.hasRemaining()) {
                lines.rewind();
            }
        }
        return sent;
    }

    /** Reads to the end of the stream. */
    protected static String readToEnd(SocketChannel client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer part = ByteBuffer.allocate(64 << 10);
        while (client.read(part.clear()) >= 0) {
            all.write(part.array(), 0, part.position());
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static long drain(SocketChannel client) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(64 << 10);
        long all = 0;
        for (int read = client.read(part); read >= 0; read = client.read(part.clear())) {
            all += read;
        }
        return all;
    }

    /** Tells whether the transport ends the connection: in order, or with a reset. */
    protected static boolean endsWithinDeadline(SocketChannel client) throws Exception {
        client.configureBlocking(false);
        ByteBuffer part = ByteBuffer.allocate(4096);
        Await.until("end of the connection", () -> {
            try {
                return client.read(part.clear()) < 0;
            } catch (IOException reset) {
                return true;
            }
        });
        return true;
    }

    private static List<String> threadsSince(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && !before.contains(thread) && !THREADS_OF_OTHERS.contains(thread.getName())
                        && !thread.getName().startsWith("ForkJoinPool.commonPool") && !thread.getName().startsWith("junit-"))
                .map(Thread::getName).toList();
    }
}
