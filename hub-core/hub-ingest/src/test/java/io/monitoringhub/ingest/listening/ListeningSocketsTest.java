package io.monitoringhub.ingest.listening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ListeningSocketsTest {

    private static final ListenAddress ANY_PORT = port(0);
    private static final ComponentId OWNER = new ComponentId(Kind.TRANSPORT, "tcp", "tcp");
    private static final ComponentId OTHER = new ComponentId(Kind.TRANSPORT, "tcp", "other");

    private final ListeningSockets sockets = open(Duration.ofMinutes(1));
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        sockets.close();
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void who_connects_is_handed_over_on_a_blocking_channel() throws Exception {
        Guests guests = guests();
        Listener listener = sockets.listen(OWNER, ANY_PORT, guests);
        connect(listener).write(ByteBuffer.wrap(new byte[] {42}));
        await(() -> guests.count() == 1);
        SocketChannel channel = guests.all().get(0);
        assertThat(channel.isBlocking()).isTrue();
        ByteBuffer received = ByteBuffer.allocate(1);
        assertThat(channel.read(received)).isEqualTo(1);
        assertThat(received.get(0)).isEqualTo((byte) 42);
    }

    @Test
    void who_connects_between_two_instances_waits_for_the_second() throws Exception {
        Guests first = guests();
        Guests second = guests();
        Listener listener = sockets.listen(OWNER, ANY_PORT, first);
        listener.close();
        SocketChannel client = connect(listener);
        client.write(ByteBuffer.wrap(new byte[] {1}));
        Listener successor = sockets.listen(OWNER, ANY_PORT, second);
        assertThat(successor.address()).as("port 0 is the port that was taken").isEqualTo(listener.address());
        await(() -> second.count() == 1);
        assertThat(first.count()).isZero();
    }

    @Test
    void who_had_connected_before_the_end_is_handed_to_the_instance_that_ends() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger handed = new AtomicInteger();
        Listener listener = sockets.listen(OWNER, ANY_PORT, receiver(channel -> {
            opened.add(channel);
            if (handed.getAndIncrement() == 0) {
                inside.countDown();
                goOn.await();
            }
        }));
        for (int i = 0; i < 50; i++) {
            connect(listener);
        }
        inside.await();
        Thread closing = new Thread(listener::close);
        closing.start();
        goOn.countDown();
        closing.join();
        assertThat(handed).hasValue(50);
        connect(listener);
        listener.close();
        assertThat(handed).as("after close").hasValue(50);
    }

    @Test
    void a_late_close_of_an_instance_does_not_take_the_socket_from_its_successor() throws Exception {
        Guests second = guests();
        Listener listener = sockets.listen(OWNER, ANY_PORT, guests());
        listener.close();
        sockets.listen(OWNER, ANY_PORT, second);
        listener.close();
        sockets.forget(OWNER);
        connect(listener);
        await(() -> second.count() == 1);
    }

    @Test
    void replacing_again_and_again_under_load_turns_nobody_away_and_serves_everybody_once() throws Exception {
        Guests guests = guests();
        Listener listener = sockets.listen(OWNER, ANY_PORT, guests);
        AtomicBoolean going = new AtomicBoolean(true);
        AtomicInteger connected = new AtomicInteger();
        List<Exception> refused = new ArrayList<>();
        Thread clients = new Thread(() -> {
            while (going.get()) {
                try (SocketChannel client = SocketChannel.open(listener.address())) {
                    connected.incrementAndGet();
                    // Not more at once than the socket's queue holds.
                    while (guests.count() < connected.get() - 100) {
                        LockSupport.parkNanos(100_000);
                    }
                } catch (IOException e) {
                    refused.add(e);
                    return;
                }
            }
        });
        clients.start();
        Listener current = listener;
        for (int round = 0; round < 200; round++) {
            current.close();
            current = sockets.listen(OWNER, ANY_PORT, guests);
            int before = guests.count();
            await(() -> guests.count() > before || !refused.isEmpty());
        }
        going.set(false);
        clients.join();
        assertThat(refused).isEmpty();
        await(() -> guests.count() == connected.get());
    }

    @Test
    void a_socket_that_nobody_claims_is_closed_and_its_port_is_free() throws Exception {
        ListeningSockets impatient = open(Duration.ofMillis(50));
        opened.add(impatient);
        Listener listener = impatient.listen(OWNER, ANY_PORT, guests());
        listener.close();
        await(() -> isRefused(listener));
        Guests again = guests();
        impatient.listen(OTHER, boundAs(listener), again);
        connect(listener);
        await(() -> again.count() == 1);
    }

    @Test
    void who_listens_at_the_moment_in_which_another_socket_is_given_up_is_served() throws Exception {
        ListeningSockets impatient = open(Duration.ofNanos(1));
        opened.add(impatient);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Listener busy = impatient.listen(OWNER, ANY_PORT, receiver(channel -> {
            opened.add(channel);
            inside.countDown();
            goOn.await();
        }));
        Listener givenUp = impatient.listen(OTHER, ANY_PORT, guests());
        connect(busy);
        inside.await();
        givenUp.close();
        Guests guests = guests();
        Listener late = impatient.listen(new ComponentId(Kind.TRANSPORT, "tcp", "late"), ANY_PORT, guests);
        goOn.countDown();
        await(() -> isRefused(givenUp));
        connect(late);
        await(() -> guests.count() == 1);
    }

    @Test
    void without_keeping_the_address_is_free_as_soon_as_it_is_let_go() throws Exception {
        ListeningSockets none = open(Duration.ZERO);
        opened.add(none);
        Listener listener = none.listen(OWNER, ANY_PORT, guests());
        ListenAddress bound = boundAs(listener);
        for (int round = 0; round < 10_000; round++) {
            listener.close();
            listener = none.listen(round % 2 == 0 ? OTHER : OWNER, bound, guests());
        }
    }

    @Test
    void one_that_is_configured_no_more_is_closed_unless_it_is_held() throws Exception {
        Guests guests = guests();
        Listener listener = sockets.listen(OWNER, ANY_PORT, guests);
        sockets.forget(OWNER);
        connect(listener);
        await(() -> guests.count() == 1);
        listener.close();
        sockets.forget(OWNER);
        assertThat(isRefused(listener)).isTrue();
    }

    @Test
    void a_new_address_of_the_same_instance_closes_the_old_one_also_on_the_same_port() throws Exception {
        Listener listener = sockets.listen(OWNER, ANY_PORT, guests());
        int port = ((InetSocketAddress) listener.address()).getPort();
        listener.close();
        Guests everywhere = guests();
        Listener wide = sockets.listen(OWNER, new ListenAddress.Tcp(new InetSocketAddress("0.0.0.0", port)), everywhere);
        connect(listener);
        await(() -> everywhere.count() == 1);
        wide.close();
        sockets.listen(OWNER, ANY_PORT, guests());
        assertThat(isRefused(listener)).isTrue();
    }

    @Test
    void port_0_and_the_port_that_was_taken_are_the_same_socket() throws Exception {
        Guests guests = guests();
        Listener listener = sockets.listen(OWNER, ANY_PORT, guests());
        listener.close();
        connect(listener);
        sockets.listen(OWNER, boundAs(listener), guests);
        await(() -> guests.count() == 1);
    }

    @Test
    void a_second_instance_while_the_first_listens_is_told_so() throws Exception {
        Listener listener = sockets.listen(OWNER, ANY_PORT, guests());
        assertThatThrownBy(() -> sockets.listen(OWNER, ANY_PORT, guests())).isInstanceOf(IOException.class)
                .hasMessageContaining("another instance of transport:tcp/tcp still listens on 127.0.0.1:");
        assertThatThrownBy(() -> sockets.listen(OTHER, boundAs(listener), guests())).isInstanceOf(IOException.class)
                .hasMessageContainingAll("cannot listen on 127.0.0.1:", "Choose another port or stop the program that uses it");
    }

    @Test
    void a_receiver_that_fails_costs_its_connection_and_nothing_else() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Guests guests = guests();
        Listener listener = sockets.listen(OWNER, ANY_PORT, receiver(channel -> {
            if (calls.getAndIncrement() < 3) {
                throw new IllegalStateException("wanted by the test");
            }
            guests.connected(channel);
        }));
        for (int i = 0; i < 3; i++) {
            assertThat(connect(listener).read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        connect(listener);
        await(() -> guests.count() == 1);
    }

    @Test
    void one_socket_that_is_flooded_does_not_starve_another() throws Exception {
        Guests guests = guests();
        AtomicBoolean going = new AtomicBoolean(true);
        Listener flooded = sockets.listen(OWNER, ANY_PORT, receiver(SocketChannel::close));
        Listener quiet = sockets.listen(OTHER, ANY_PORT, guests);
        Thread flood = new Thread(() -> {
            while (going.get()) {
                try (SocketChannel client = SocketChannel.open(flooded.address())) {
                    assertThat(client.isConnected()).isTrue();
                } catch (IOException reset) {
                    // closed by the other side while it connected
                }
            }
        });
        flood.start();
        try {
            connect(quiet);
            await(() -> guests.count() == 1);
        } finally {
            going.set(false);
            flood.join();
        }
    }

    @Test
    void close_ends_listening_and_the_thread_and_says_no_to_late_comers() throws Exception {
        Listener listener = sockets.listen(OWNER, ANY_PORT, guests());
        Listener left = sockets.listen(OTHER, ANY_PORT, guests());
        left.close();
        sockets.close();
        assertThat(isRefused(listener)).isTrue();
        assertThat(isRefused(left)).isTrue();
        assertThatCode(listener::close).doesNotThrowAnyException();
        assertThatThrownBy(() -> sockets.listen(OWNER, ANY_PORT, guests())).isInstanceOf(IOException.class)
                .hasMessageContaining("the hub is stopping");
    }

    @Test
    void without_file_descriptors_it_says_so_once_a_second_and_goes_on_when_there_are_some() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "ulimit -n 100; exec \"$0\" -cp \"$1\" " + NoDescriptorsLeft.class.getName(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), System.getProperty("java.class.path"))
                .redirectErrorStream(true).start();
        opened.add(process::destroyForcibly);
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("failed: Too many open files", "accepted again, failures: ");
        assertThat(process.waitFor()).isZero();
    }

    private Guests guests() {
        Guests guests = new Guests();
        opened.add(guests);
        return guests;
    }

    private SocketChannel connect(Listener listener) throws IOException {
        SocketChannel client = SocketChannel.open(listener.address());
        opened.add(client);
        return client;
    }

    private static boolean isRefused(Listener listener) {
        try (SocketChannel client = SocketChannel.open(listener.address())) {
            return !client.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }

    private static ListenAddress port(int port) {
        return new ListenAddress.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static ListenAddress boundAs(Listener listener) {
        return port(((InetSocketAddress) listener.address()).getPort());
    }

    private static ListeningSockets open(Duration keepFor) {
        try {
            return new ListeningSockets(keepFor);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            Thread.sleep(1);    // unlike a parked thread it ends when the time of the test is over
        }
    }

    /** What may fail where a receiver may not. */
    private interface Handler {
        void take(SocketChannel channel) throws Exception;
    }

    private static ConnectionReceiver receiver(Handler handler) {
        return new ConnectionReceiver() {
            @Override
            public void connected(SocketChannel channel) {
                try {
                    handler.take(channel);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                } catch (RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void acceptFailed(IOException cause) {
                throw new IllegalStateException(cause);
            }
        };
    }
}
