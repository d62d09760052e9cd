package io.monitoringhub.plugin.httpbackend;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of HTTP/1.1, which is made when it is needed and kept. The caller's thread does all the work on a channel that an
 * interrupt closes; another thread only closes it when the time is over. The JDK's own client can't be closed before Java 21, and
 * leaves its threads behind.
 *
 * <p>Used by one thread at a time.
 */
final class HttpConnection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);
    /** A server that does not know what Expect means says nothing. */
    private static final int CONTINUE_MILLIS = 1_000;
    private static final int BUFFER_BYTES = 16_384;

    private final String host;
    private final int port;
    private final Optional<SSLContext> tls;
    private final Duration connectTimeout;
    private final Duration timeout;
    private final ScheduledThreadPoolExecutor timer;
    private volatile SocketChannel channel;
    private Socket socket;
    private HttpStream answers;
    private OutputStream out;
    private volatile boolean isOverdue;

    /** @param name of the thread that watches the time */
    HttpConnection(URI url, Optional<SSLContext> tls, Duration connectTimeout, Duration timeout, String name) {
        String literal = url.getHost();
        this.host = literal.startsWith("[") ? literal.substring(1, literal.length() - 1) : literal;
        this.port = url.getPort() > 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
        this.tls = tls;
        this.connectTimeout = connectTimeout;
        this.timeout = timeout;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
    }

    /** A request with and without {@code Expect: 100-continue}. */
    interface Heads {
        byte[] head(boolean expectContinue);
    }

    /** Something that is to be done in time. */
    private interface Timed<T> {
        T run() throws IOException;
    }

    /** Connects unless it is connected. */
    void connect() throws IOException, InterruptedException {
        if (channel == null) {
            within(connectTimeout, "no connection within ", () -> {
                reach();
                return true;
            });
        }
    }

    /**
     * Sends a request and reads its answer. A kept connection can have ended meanwhile, and a server that does not want a body can close it
     * before its answer was read: the request is then sent once more, and the body only when the server wants it.
     */
    HttpAnswer exchange(Heads heads, byte[] body) throws IOException, InterruptedException {
        boolean isKept = channel != null;
        boolean[] isSent = {false};
        connect();
        HttpStream first = answers;
        try {
            return within(timeout, "no answer within ", () -> {
                answers.next();
                out.write(heads.head(false));
                out.write(body);
                out.flush();
                isSent[0] = true;
                return answers.answer();
            });
        } catch (SocketTimeoutException late) {
            throw late;
        } catch (IOException broken) {
            if (first.hasBegun() || isSent[0] && !isKept) {
                throw broken;
            }
            LOG.debug("{}:{}: the connection ended ({}), another one is made", host, port, broken.getMessage());
        }
        connect();
        return within(timeout, "no answer within ", () -> carefully(heads.head(true), body));
    }

    private HttpAnswer carefully(byte[] head, byte[] body) throws IOException {
        answers.next();
        out.write(head);
        out.flush();
        socket.setSoTimeout(CONTINUE_MILLIS);
        try {
            HttpStream.Head early = answers.head();
            socket.setSoTimeout(0);
            if (early.status() >= 200) {
                HttpAnswer answer = answers.answer(early);
                // The body was not sent: what comes next must not be taken for it.
                close(channel);
                channel = null;
                return answer;
            }
        } catch (SocketTimeoutException silent) {
            if (answers.hasBegun()) {
                throw silent;
            }
            socket.setSoTimeout(0);
        }
        out.write(body);
        out.flush();
        return answers.answer();
    }

    private void reach() throws IOException {
        IOException failure = null;
        for (InetAddress address : InetAddress.getAllByName(host)) {
            try {
                channel = SocketChannel.open();
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.socket().connect(new InetSocketAddress(address, port), (int) connectTimeout.toMillis());
                socket = tls.isPresent() ? secured(tls.get(), channel.socket()) : channel.socket();
                answers = new HttpStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
                out = socket.getOutputStream();
                return;
            } catch (IOException unreachable) {
                close(channel);
                if (Thread.currentThread().isInterrupted() || isOverdue) {
                    throw unreachable;
                }
                failure = failure == null ? unreachable : failure;
            }
        }
        throw failure;
    }

    private Socket secured(SSLContext context, Socket plain) throws IOException {
        SSLSocket secured = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private <T> T within(Duration limit, String failure, Timed<T> action) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        isOverdue = false;
        ScheduledFuture<?> end = timer.schedule(this::overdue, limit.toMillis(), TimeUnit.MILLISECONDS);
        boolean isDone = false;
        try {
            T result = action.run();
            isDone = true;
            if (answers != null && channel != null && answers.hasBegun() && !answers.isReusable()) {
                disconnect();
            }
            return result;
        } catch (IOException broken) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (isOverdue) {
                SocketTimeoutException late = new SocketTimeoutException(failure + limit.toSeconds() + " s");
                late.initCause(broken);
                throw late;
            }
            throw broken;
        } finally {
            end.cancel(false);
            if (!isDone) {
                disconnect();
            }
        }
    }

    /** On the timer's thread. */
    private void overdue() {
        isOverdue = true;
        close(channel);
    }

    /** Without a farewell of TLS, which could wait: requests and answers say themselves where they end. */
    private void disconnect() {
        close(channel);
        channel = null;
    }

    private static void close(SocketChannel open) {
        if (open != null) {
            try {
                open.close();
            } catch (IOException gone) {
                LOG.debug("a connection could not be closed: {}", gone.getMessage());
            }
        }
    }

    @Override
    public void close() {
        disconnect();
        timer.shutdownNow();
    }
}
