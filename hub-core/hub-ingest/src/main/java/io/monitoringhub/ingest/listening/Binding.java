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
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;

/** How a socket gets its address, and what to do when it can't have it. */
final class Binding {

    static final int BACKLOG = 1024;
    /** The length of {@code sun_path} on Linux, without its last zero. */
    private static final int LONGEST_PATH = 107;
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

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

    /**
     * In a private folder first, for a bound socket can be connected to before its rights are set: the file gets its name only when it has
     * them.
     */
    private static ServerSocketChannel openFile(ListenAddress.Unix unix) throws IOException {
        Path path = unix.path();
        Path folder = draftFolder(path);
        Path draft = folder.resolve("s");
        int tooLong = Math.max(bytes(path), bytes(draft)) - LONGEST_PATH;
        if (tooLong > 0) {
            throw cannotListen(path, "the path is too long by " + tooLong + " bytes for a socket. Choose a shorter one", null);
        }
        refuseToReplace(path);
        ServerSocketChannel channel = null;
        try {
            Files.createDirectories(path.getParent());
            deleteDraft(folder, draft);
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(draft), BACKLOG);
            setRights(draft, unix);
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.delete(folder);
            return channel;
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
                deleteDraft(folder, draft);
            }
            throw cannotListen(path, text(e) + ". The hub's user must be allowed to write into the folder, and be a member of 'group'", e);
        }
    }

    /** With a name that is hardly longer than that of the file, for there is a limit. */
    static Path draftFolder(Path path) {
        return path.resolveSibling("." + Integer.toHexString(path.getFileName().hashCode() & 0xffff));
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static void deleteDraft(Path folder, Path draft) throws IOException {
        Files.deleteIfExists(draft);
        Files.deleteIfExists(folder);
    }

    /** Gives a socket's file the rights that are wanted. It is our own: not to follow links would mean to open it, which no socket allows. */
    private static void setRights(Path file, ListenAddress.Unix unix) throws IOException {
        PosixFileAttributeView rights = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (unix.group().isPresent()) {
            rights.setGroup(group(file, unix.group().get()));
        }
        rights.setPermissions(unix.permissions());
    }

    private static GroupPrincipal group(Path path, String name) throws IOException {
        try {
            return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
        } catch (UserPrincipalNotFoundException unknown) {
            throw new IOException("there is no group '" + name + "' on this machine", unknown);
        }
    }

    /** What a process left that died may go; a socket that answers, and anything that is no socket, may not. */
    private static void refuseToReplace(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & FILE_TYPE) != SOCKET) {
            throw cannotListen(path, "there is a file or folder of that name, and it is no socket. Move it away or change 'path'", null);
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // One that blocks would wait for ever for a process that listens and lets nobody in.
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException nobody) {
            return;
        } catch (IOException unknown) {
            throw cannotListen(path, "another process seems to: " + text(unknown) + ". Stop it, remove the file if nobody listens on it, or"
                    + " change 'path'", unknown);
        }
        throw cannotListen(path, "another process does. Stop it or change 'path'", null);
    }

    private static IOException cannotListen(Path path, String why, IOException cause) {
        return new IOException("cannot listen on " + path + ": " + why, cause);
    }

    private static String text(IOException failure) {
        if (failure instanceof FileSystemException file) {
            String reason = file.getReason() == null ? failure.getClass().getSimpleName() : file.getReason();
            return reason + " (" + file.getFile() + ")";
        }
        return String.valueOf(failure.getMessage());
    }

    /** What tells one socket's file from another of the same name; empty where there is none, or the address has no file. */
    static Optional<Object> fileKey(ListenAddress address) throws IOException {
        if (!(address instanceof ListenAddress.Unix unix)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(Files.readAttributes(unix.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey());
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    /**
     * Makes an open socket that of another address if that takes no more than other rights of its file.
     *
     * @param bound where the socket listens
     * @return whether it did
     */
    static boolean change(ListenAddress from, SocketAddress bound, ListenAddress to) throws IOException {
        if (to instanceof ListenAddress.Tcp port) {
            return port.address().equals(bound);
        }
        if (!(from instanceof ListenAddress.Unix before) || !(to instanceof ListenAddress.Unix wanted) || !before.path().equals(wanted.path())) {
            return false;
        }
        try {
            setRights(wanted.path(), wanted);
            return true;
        } catch (IOException e) {
            throw cannotListen(wanted.path(), text(e), e);
        }
    }

    /** The address as bound. */
    static SocketAddress localAddress(ListenAddress address, ServerSocketChannel channel) throws IOException {
        return address instanceof ListenAddress.Unix unix ? UnixDomainSocketAddress.of(unix.path()) : channel.getLocalAddress();
    }

    /** Takes away what a closed socket leaves, if nobody else's has taken its name. */
    static void cleanUp(ListenAddress address, Optional<Object> fileKey) throws IOException {
        if (address instanceof ListenAddress.Unix unix && fileKey.isPresent() && fileKey.equals(fileKey(address))) {
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
