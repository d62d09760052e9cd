package io.monitoringhub.plugin.http.server;

import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one server of the bundle, for all instances of the transport: servlets of every bundle reach it through the HTTP Whiteboard. It runs
 * while an instance does. Thread-safe.
 */
@Component(service = WebServer.class)
public final class WebServer {

    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final String NAME = "hub-http";
    private static final int MOST_THREADS = 32;
    private static final int IDLE_MILLIS = 10_000;
    /** Of buffers that are kept for the next request. */
    private static final long MOST_POOLED_BYTES = 8L << 20;

    private final HttpServlet whiteboard;
    private Server server;
    private int users;

    /** @param whiteboard where requests go: Felix HTTP's dispatcher */
    @Activate
    public WebServer(@Reference(target = "(http.felix.dispatcher=*)") HttpServlet whiteboard) {
        this.whiteboard = whiteboard;
    }

    /**
     * Starts to serve one more instance; the first one starts the server.
     *
     * @param who for logs
     * @param attribute every request of the instance has it, with this value
     */
    public synchronized WebConnector open(String who, WebConnector.Setup setup, String attribute, Object value) throws IOException {
        if (users == 0) {
            server = start();
        }
        users++;
        try {
            return WebConnector.start(this, server, who, setup, attribute, value);
        } catch (IOException | RuntimeException failure) {
            release();
            throw failure;
        }
    }

    private Server start() throws IOException {
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1, IDLE_MILLIS);
        threads.setName(NAME);
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        Server fresh = new Server(threads, new ScheduledExecutorScheduler(NAME + "-timer", true),
                new ArrayByteBufferPool(0, 1024, 1 << 16, Integer.MAX_VALUE, MOST_POOLED_BYTES, MOST_POOLED_BYTES));
        fresh.setStopAtShutdown(false);
        JsonErrors errors = new JsonErrors();
        fresh.setErrorHandler(errors);
        ServletContextHandler context = new ServletContextHandler();
        context.setErrorHandler(errors);
        ServletHolder holder = new ServletHolder(whiteboard);
        holder.setAsyncSupported(true);
        context.addServlet(holder, "/*");
        fresh.setHandler(new InstanceHandler(context));
        try {
            fresh.start();
        } catch (Exception failure) { // Jetty declares it
            stop(fresh);
            throw new IOException("the HTTP server does not start: " + failure.getMessage(), failure);
        }
        return fresh;
    }

    /** An instance has gone; the last one takes the server with it. */
    synchronized void release() {
        users--;
        if (users == 0) {
            stop(server);
            server = null;
        }
    }

    private static void stop(Server server) {
        try {
            server.setStopTimeout(Duration.ofSeconds(1).toMillis());
            server.stop();
        } catch (Exception failure) { // Jetty declares it
            LOG.warn("the HTTP server did not stop in order: {}", failure.toString());
        }
    }
}
