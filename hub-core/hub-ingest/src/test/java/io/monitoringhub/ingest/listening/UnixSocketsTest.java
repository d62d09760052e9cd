package io.monitoringhub.ingest.listening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listening on files: what is replaced, what is not, and what is left behind. */
@Timeout(180)
class UnixSocketsTest {

    private static final ComponentId OWNER = new ComponentId(Kind.TRANSPORT, "unix", "unix");
    private static final ComponentId OTHER = new ComponentId(Kind.TRANSPORT, "unix", "other");

    @TempDir
    private Path folder;
    private final Guests guests = new Guests();
    private final List<SocketChannel> clients = new ArrayList<>();
    private ListeningSockets sockets;
    private Path path;

    @BeforeEach
    void open() throws IOException {
        sockets = new ListeningSockets(Duration.ofMinutes(1));
        path = folder.resolve("in.sock");
    }

    @AfterEach
    void close() throws IOException {
        sockets.close();
        guests.close();
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    @Test
    void the_file_has_the_rights_that_are_wanted_and_goes_with_the_socket() throws Exception {
        sockets.listen(OWNER, at("rw-rw----"), guests);
        assertThat(rights()).isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
        connect();
        awaitGuests(1);
        sockets.close();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).as("what is left in the folder").isEmpty();
        }
    }

    @Test
    void the_group_is_set_and_an_unknown_one_is_named() throws Exception {
        String own = Files.readAttributes(folder, PosixFileAttributes.class).group().getName();
        Listener listener = sockets.listen(OWNER, new ListenAddress.Unix(path, PosixFilePermissions.fromString("rw-rw----"), Optional.of(own)),
                guests);
        assertThat(Files.readAttributes(path, PosixFileAttributes.class).group().getName()).isEqualTo(own);
        listener.close();
        ListenAddress unknown = new ListenAddress.Unix(folder.resolve("other.sock"), PosixFilePermissions.fromString("rw-rw----"),
                Optional.of("no-such-group"));
        assertThatThrownBy(() -> sockets.listen(OTHER, unknown, guests)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("cannot listen on " + folder.resolve("other.sock"), "there is no group 'no-such-group'");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(path);
        }
    }

    @Test
    void other_rights_are_given_to_the_same_socket_so_that_nobody_who_waits_is_lost() throws Exception {
        sockets.listen(OWNER, at("rw-rw----"), guests).close();
        connect();
        Object before = key();
        sockets.listen(OWNER, at("rw-rw-rw-"), guests);
        awaitGuests(1);
        assertThat(rights()).isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(key()).isEqualTo(before);
    }

    @Test
    void a_file_that_a_dead_process_left_is_replaced() throws Exception {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path)).close();
        assertThat(path).exists();
        sockets.listen(OWNER, at("rw-rw----"), guests);
        connect();
        awaitGuests(1);
    }

    @Test
    void what_a_crash_left_half_made_is_replaced() throws Exception {
        Path draft = Files.createDirectory(Binding.draftFolder(path));
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(draft.resolve("s"))).close();
        sockets.listen(OWNER, at("rw-rw----"), guests);
        connect();
        awaitGuests(1);
        assertThat(draft).doesNotExist();
    }

    @Test
    void a_socket_that_somebody_listens_on_is_left_alone_also_when_he_lets_nobody_in() throws Exception {
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path), 1)) {
            assertThatThrownBy(() -> sockets.listen(OWNER, at("rw-rw----"), guests)).isInstanceOf(IOException.class)
                    .hasMessage("cannot listen on " + path + ": another process does. Stop it or change 'path'");
            while (joinsTheQueue()) {
                assertThat(clients).as("connections that wait in a queue of one").hasSizeLessThan(10);
            }
            assertThatThrownBy(() -> sockets.listen(OWNER, at("rw-rw----"), guests)).isInstanceOf(IOException.class)
                    .hasMessageContainingAll("cannot listen on " + path + ": another process seems to: ", "Stop it, remove the file");
            assertThat(busy.isOpen()).isTrue();
            assertThat(path).exists();
        }
    }

    private boolean joinsTheQueue() throws IOException {
        SocketChannel waiting = SocketChannel.open(StandardProtocolFamily.UNIX);
        clients.add(waiting);
        waiting.configureBlocking(false);
        try {
            return waiting.connect(UnixDomainSocketAddress.of(path));
        } catch (SocketException full) {
            return false;
        }
    }

    @Test
    void a_file_a_pipe_and_a_link_are_left_alone() throws Exception {
        Files.writeString(path, "precious");
        assertRefusedAsNoSocket();
        assertThat(path).hasContent("precious");
        Files.delete(path);
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
        assertRefusedAsNoSocket();
        Files.delete(path);
        Files.createSymbolicLink(path, folder.resolve("nowhere"));
        assertRefusedAsNoSocket();
        assertThat(path).isSymbolicLink();
    }

    private void assertRefusedAsNoSocket() {
        assertThatThrownBy(() -> sockets.listen(OWNER, at("rw-rw----"), guests)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("cannot listen on " + path, "it is no socket. Move it away or change 'path'");
    }

    @Test
    void a_path_that_is_too_long_is_told_by_how_much() {
        path = folder.resolve("\u00fc".repeat(60));
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        assertThatThrownBy(() -> sockets.listen(OWNER, at("rw-rw----"), guests)).isInstanceOf(IOException.class)
                .hasMessageContaining("the path is too long by " + (length - 107) + " bytes for a socket. Choose a shorter one");
    }

    @Test
    void a_folder_that_is_missing_is_made_and_one_that_can_not_be_is_named() throws Exception {
        path = folder.resolve("new/folder/in.sock");
        sockets.listen(OWNER, at("rw-rw----"), guests);
        connect();
        awaitGuests(1);
        Files.writeString(folder.resolve("file"), "");
        path = folder.resolve("file/in.sock");
        assertThatThrownBy(() -> sockets.listen(OTHER, at("rw-rw----"), guests)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("cannot listen on " + path, "file");
    }

    @Test
    void a_file_that_was_taken_away_meanwhile_is_made_anew_for_the_successor() throws Exception {
        sockets.listen(OWNER, at("rw-rw----"), guests).close();
        Files.delete(path);
        sockets.listen(OWNER, at("rw-rw----"), guests);
        connect();
        awaitGuests(1);
    }

    @Test
    void a_file_that_somebody_else_made_meanwhile_is_not_deleted() throws Exception {
        sockets.listen(OWNER, at("rw-rw----"), guests);
        Files.delete(path);
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path))) {
            sockets.close();
            assertThat(path).exists();
            assertThat(other.isOpen()).isTrue();
        }
    }

    private ListenAddress at(String permissions) {
        return new ListenAddress.Unix(path, PosixFilePermissions.fromString(permissions), Optional.empty());
    }

    private Set<PosixFilePermission> rights() throws IOException {
        return Files.getPosixFilePermissions(path);
    }

    private Object key() throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
    }

    private void connect() throws IOException {
        clients.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    private void awaitGuests(int count) {
        while (guests.count() < count) {
            LockSupport.parkNanos(1_000_000);
        }
    }
}
