package io.monitoringhub.plugin.unix;

import io.monitoringhub.plugin.stream.RefusedException;
import io.monitoringhub.plugin.stream.SocketKind;
import io.monitoringhub.plugin.stream.Visitor;
import io.monitoringhub.spi.transport.Peer;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Unix domain sockets. The other ends have no address: they are numbered. Thread-safe. */
final class UnixSockets implements SocketKind {

    static final String NOT_ALLOWED = "not in allow_users";

    private static final String UNKNOWN = "unknown";

    private final Path path;
    private final Set<String> users;
    private final boolean saysWho;
    private final AtomicLong number = new AtomicLong();

    /** @param users who may connect; empty for all */
    UnixSockets(Path path, Set<String> users) {
        this.path = path;
        this.users = Set.copyOf(users);
        this.saysWho = PeerCredentials.areThere();
    }

    @Override
    public Visitor visitor(SocketChannel accepted) throws RefusedException, IOException {
        Optional<String> user = saysWho ? PeerCredentials.user(accepted) : Optional.empty();
        if (!users.isEmpty() && !user.map(users::contains).orElse(false)) {
            throw new RefusedException(NOT_ALLOWED, "user '" + user.orElse(UNKNOWN) + "' may not connect to " + path);
        }
        return new Visitor(new Peer(path + "#" + number.incrementAndGet(), user), user.orElse(UNKNOWN));
    }

    @Override
    public DuplexChannel channel(SocketChannel accepted) {
        return new UnixChannel(accepted);
    }
}
