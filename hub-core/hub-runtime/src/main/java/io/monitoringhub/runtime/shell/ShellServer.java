package io.monitoringhub.runtime.shell;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.net.ExtendedSocketOptions;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts shell connections while the hub runs. Three things keep others out: the folder (0700), the socket (0600), and the kernel's word
 * on who is at the other end.
 *
 * <p>Thread-safe.
 */
@Component(service = {}, immediate = true)
public final class ShellServer {

    /** Set by the launcher, which knows where clients look. */
    private static final String SOCKET_PROPERTY = "hub.shell.socket";
    private static final int MAX_CONNECTIONS = 8;
    private static final long DRAIN_MS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(ShellServer.class);

    private final CommandProcessor commands;
    private final Path path;
    private final ServerSocketChannel server;
    private final UserPrincipal owner;
    private final AtomicInteger threadNumbers = new AtomicInteger();
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(0, MAX_CONNECTIONS, 30, TimeUnit.SECONDS,
            new SynchronousQueue<>(), this::newThread);
    private final Thread acceptor = new Thread(this::acceptAll, "hub-shell-accept");

    /** Binds the socket; a hub whose shell can't be reached can't be operated, so failure is loud. */
    @Activate
    public ShellServer(BundleContext context, @Reference CommandProcessor commands) throws IOException {
        this.commands = commands;
        this.path = Path.of(context.getProperty(SOCKET_PROPERTY));
        Files.deleteIfExists(path);
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        this.owner = Files.getOwner(path);
        acceptor.setDaemon(true);
        acceptor.start();
    }

    /** Lets running commands finish for a moment, then cuts them off. */
    @Deactivate
    public void stop() throws IOException, InterruptedException {
        server.close();
        acceptor.join(DRAIN_MS);
        executor.shutdown();
        connections.forEach(ShellServer::stopReading);
        if (!executor.awaitTermination(DRAIN_MS, TimeUnit.MILLISECONDS)) {
            executor.shutdownNow();
            connections.forEach(ShellServer::close);
            executor.awaitTermination(DRAIN_MS, TimeUnit.MILLISECONDS);
        }
        Files.deleteIfExists(path);
    }

    private Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "hub-shell-" + threadNumbers.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    private void acceptAll() {
        while (server.isOpen()) {
            try {
                accept(server.accept());
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.warn("cannot accept a shell connection", e);
                }
            }
        }
    }

    private void accept(SocketChannel connection) throws IOException {
        UserPrincipal peer = connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        if (!peer.equals(owner) && !peer.getName().equals("root")) {
            LOG.warn("shell connection of user {} refused: only {} may connect", peer.getName(), owner.getName());
            connection.close();
            return;
        }
        connections.add(connection);
        try {
            executor.execute(() -> serve(connection));
        } catch (RejectedExecutionException e) {
            connections.remove(connection);
            new ShellConnection(connection).refuse("all " + MAX_CONNECTIONS + " shell connections are in use");
            connection.close();
        }
    }

    private void serve(SocketChannel connection) {
        try {
            new ShellConnection(connection).serve(commands);
        } catch (IOException e) {
            LOG.debug("shell connection ended: {}", e.toString());
        } finally {
            connections.remove(connection);
            close(connection);
        }
    }

    private static void stopReading(SocketChannel connection) {
        try {
            connection.shutdownInput();
        } catch (IOException e) {
            LOG.debug("shell connection already gone: {}", e.toString());
        }
    }

    private static void close(SocketChannel connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("shell connection already gone: {}", e.toString());
        }
    }
}
