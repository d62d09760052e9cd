package io.monitoringhub.ingest.listening;

import io.monitoringhub.spi.transport.ListenAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/** How a socket gets its address, and what to do when it can't have it. */
final class Binding {

    private static final int BACKLOG = 1024;
    /** The length of {@code sun_path} on Linux, without its last zero. */
    private static final int LONGEST_PATH = 107;

    private Binding() {
    }

    /** A channel that is bound and listens. */
    static ServerSocketChannel open(ListenAddress address) throws IOException {
        if (address instanceof ListenAddress.Unix unix) {
            return openFile(unix);
        }
        return openPort(((ListenAddress.Tcp) address).address());
    }

    private static ServerSocketChannel openPort(InetSocketAddress address) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            return channel.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(address, BACKLOG);
        } catch (IOException e) {
            channel.close();
            throw new IOException("cannot listen on " + text(address) + ": " + e.getMessage() + ". " + remedy(String.valueOf(e.getMessage())), e);
        }
    }

    private static String remedy(String message) {
        if (message.startsWith("Permission denied")) {
            return "Choose a port above 1023, or give the hub the right to lower ones (CAP_NET_BIND_SERVICE)";
        }
        if (message.startsWith("Cannot assign")) {
            return "No network interface of this machine has this address: change 'bind'";
        }
        if (message.startsWith("Too many open files")) {
            return "Raise LimitNOFILE";
        }
        return "Choose another port or stop the program that uses it";
    }

    /** Under another name first: the file must not be there with other rights than its own, not even for a moment. */
    private static ServerSocketChannel openFile(ListenAddress.Unix unix) throws IOException {
        Path path = unix.path();
        Path draft = path.resolveSibling("." + path.getFileName() + ".new");
        if (draft.toString().length() > LONGEST_PATH) {
            throw new IOException("cannot listen on " + path + ": the name of a socket has at most " + (LONGEST_PATH - 5)
                    + " bytes. Choose a shorter path");
        }
        Files.createDirectories(path.getParent());
        refuseToReplace(path);
        Files.deleteIfExists(draft);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(draft), BACKLOG);
            PosixFileAttributeView rights = Files.getFileAttributeView(draft, PosixFileAttributeView.class);
            if (unix.group().isPresent()) {
                rights.setGroup(group(path, unix.group().get()));
            }
            rights.setPermissions(unix.permissions());
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return channel;
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(draft);
            throw new IOException("cannot listen on " + path + ": " + e, e);
        }
    }

    private static GroupPrincipal group(Path path, String name) throws IOException {
        try {
            return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
        } catch (UserPrincipalNotFoundException unknown) {
            throw new IOException("there is no group '" + name + "' on this machine: change 'group'", unknown);
        }
    }

    /** What a process left that died may go; a socket that answers, and anything that is no socket, may not. */
    private static void refuseToReplace(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            throw new IOException("cannot listen on " + path + ": there is a file or folder of that name, and it is no socket. Move it away"
                    + " or change 'path'");
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IOException("cannot listen on " + path + ": another process does. Stop it or change 'path'"
                    + (probe.isConnected() ? "" : " (it is busy)"));
        } catch (ConnectException nobody) {
            // Left behind: it is replaced.
        }
    }

    /** The address as bound. */
    static SocketAddress localAddress(ListenAddress address, ServerSocketChannel channel) throws IOException {
        return address instanceof ListenAddress.Unix unix ? UnixDomainSocketAddress.of(unix.path()) : channel.getLocalAddress();
    }

    /** Takes away what a closed socket leaves. */
    static void cleanUp(ListenAddress address) throws IOException {
        if (address instanceof ListenAddress.Unix unix) {
            Files.deleteIfExists(unix.path());
        }
    }

    static String text(ListenAddress address) {
        return address instanceof ListenAddress.Unix unix ? unix.path().toString() : text(((ListenAddress.Tcp) address).address());
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
