package io.monitoringhub.plugin.unix;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/** Whose process is at the other end of a socket, where platform and JDK say so. */
final class PeerCredentials {

    private PeerCredentials() {
    }

    static boolean areThere() {
        try (SocketChannel any = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return any.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED);
        } catch (IOException | LinkageError no) { // the module jdk.net is optional
            return false;
        }
    }

    /** The name of the user, or his number if he has no name. */
    static Optional<String> user(SocketChannel channel) throws IOException {
        return Optional.of(channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName());
    }
}
