package io.monitoringhub.plugin.http.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One instance's part of the server: its connections, its limits, its TLS. Thread-safe. */
public final class WebConnector {

    private static final Logger LOG = LoggerFactory.getLogger(WebConnector.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final byte[] TOO_MANY = tooMany();

    /**
     * How an instance wants to be served.
     *
     * @param limits of its connections
     * @param tls its files for TLS; empty for none
     * @param refusals counts what is refused
     * @param everySecond what else is to be looked at now and then
     * @param timeIsUp called at the end if there are requests that did not end in time, before their connections are closed
     */
    public record Setup(ServerLimits limits, Optional<TlsFiles> tls, Refusals refusals, Runnable everySecond, Runnable timeIsUp) {
    }

    private final WebServer owner;
    private final Server server;
    private final String who;
    private final String attribute;
    private final Object value;
    private final ConnectionGate gate;
    private final HandedConnector connector;
    private final Optional<Tls> tls;
    private final SlowConnections slow;
    private final Runnable everySecond;
    private final Runnable timeIsUp;
    private volatile Scheduler.Task nextLook;
    private volatile boolean stopped;

    private WebConnector(WebServer owner, Server server, String who, Setup setup, String attribute, Object value) throws IOException {
        this.owner = owner;
        this.server = server;
        this.who = who;
        this.attribute = attribute;
        this.value = value;
        this.everySecond = setup.everySecond();
        this.timeIsUp = setup.timeIsUp();
        this.gate = new ConnectionGate(setup.limits(), setup.refusals());
        this.tls = setup.tls().isPresent() ? Optional.of(new Tls(who, setup.tls().get())) : Optional.empty();
        this.connector = new HandedConnector(server, gate, setup.limits().idleTimeout().toMillis(), factories(setup.limits()));
        this.slow = new SlowConnections(connector, setup.limits().headerTimeout(), setup.refusals());
        connector.setName(who);
        connector.addBean(this, false);
    }

    private static byte[] tooMany() {
        String json = new Problem(503, "too_many_connections", "there are too many connections, in all or from this address",
                "keep connections for many requests, or try again later", 1).json();
        return ("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: "
                + json.length() + "\r\n\r\n" + json).getBytes(StandardCharsets.US_ASCII);
    }

    static WebConnector start(WebServer owner, Server server, String who, Setup setup, String attribute, Object value) throws IOException {
        WebConnector fresh = new WebConnector(owner, server, who, setup, attribute, value);
        server.addConnector(fresh.connector);
        try {
            fresh.connector.start();
        } catch (Exception failure) { // Jetty declares it
            server.removeConnector(fresh.connector);
            throw new IOException("HTTP can't be served: " + failure.getMessage(), failure);
        }
        fresh.lookLater();
        return fresh;
    }

    private ConnectionFactory[] factories(ServerLimits limits) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(limits.maxHeaderBytes());
        http.setUseInputDirectByteBuffers(false);
        http.setUseOutputDirectByteBuffers(false);
        // A body is read as it comes: the servlet decides.
        http.setDelayDispatchUntilContent(false);
        if (tls.isEmpty()) {
            return new ConnectionFactory[] {new HttpConnectionFactory(http)};
        }
        http.addCustomizer(new SecureRequestCustomizer(false));
        return new ConnectionFactory[] {new SslConnectionFactory(tls.get().context(), HttpVersion.HTTP_1_1.asString()),
            new HttpConnectionFactory(http)};
    }

    /** The instance that this request came to, which has its time even if the instance ends. */
    static WebConnector of(Request request) {
        HandedConnector connector = (HandedConnector) request.getConnectionMetaData().getConnector();
        connector.begun(request);
        return connector.getBean(WebConnector.class);
    }

    String attribute() {
        return attribute;
    }

    Object value() {
        return value;
    }

    /** Serves a connection, or closes it if there are too many. */
    public void take(SocketChannel channel) {
        if (gate.admit(channel)) {
            connector.take(channel);
        } else {
            turnAway(channel);
        }
    }

    /** Says why, if that can be done at once. What the client has sent is read first: a close with unread bytes takes the answer back. */
    private void turnAway(SocketChannel channel) {
        try {
            channel.configureBlocking(false);
            if (tls.isEmpty()) {
                while (channel.read(ByteBuffer.allocate(8192)) > 0) {
                    LOG.trace("{}: a refused connection had sent something", who);
                }
                channel.write(ByteBuffer.wrap(TOO_MANY));
                channel.shutdownOutput();
            }
        } catch (IOException gone) {
            LOG.debug("{}: a refused connection had gone: {}", who, gone.toString());
        } finally {
            close(channel);
        }
    }

    /** How many connections there are. */
    public int connections() {
        return gate.size();
    }

    private void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException gone) {
            LOG.debug("{}: a refused connection did not close in order: {}", who, gone.toString());
        }
    }

    private void lookLater() {
        nextLook = server.getScheduler().schedule(this::look, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (stopped) {
            return;
        }
        try {
            slow.look();
            tls.ifPresent(Tls::follow);
            everySecond.run();
        } catch (RuntimeException fault) { // a look that throws would be the last
            LOG.error("{}: a fault of the HTTP transport: please report it", who, fault);
        }
        lookLater();
    }

    /**
     * Lets requests that have begun end, then closes all connections. Nobody calls {@link #take} any more.
     *
     * @throws InterruptedException when the thread was wanted back; everything is released even so
     */
    public void stop(Duration grace) throws InterruptedException {
        stopped = true;
        nextLook.cancel();
        try {
            // Not what it returns: Jetty knows nothing yet of connections that were handed over a moment ago.
            connector.shutdown();
            if (!gate.awaitEmpty(grace)) {
                LOG.info("{}: {} connections are closed that did not end in time", who, gate.size());
                timeIsUp.run();
            }
        } finally {
            close();
        }
    }

    private void close() {
        try {
            connector.stop();
        } catch (Exception failure) { // Jetty declares it
            LOG.warn("{}: connections did not close in order: {}", who, failure.toString());
        }
        server.removeConnector(connector);
        owner.release();
    }
}
