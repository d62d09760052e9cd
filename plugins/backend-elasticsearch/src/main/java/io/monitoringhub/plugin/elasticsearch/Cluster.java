package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.plugin.elasticsearch.Connections.Answer;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;

/**
 * The nodes of a cluster, which take turns. One that does not answer is set aside for a while, and the same request goes to the next: every
 * request that is made can be repeated.
 *
 * <p>Used by one thread at a time.
 */
final class Cluster implements AutoCloseable {

    private static final long SET_ASIDE_NANOS = Duration.ofSeconds(30).toNanos();

    private final ElasticsearchSettings settings;
    private final Connections connections;
    private final Clock clock;
    private final LongSupplier nanos;
    private final List<Node> nodes;
    private int turn;

    Cluster(ElasticsearchSettings settings, Connections connections, Clock clock, LongSupplier nanos) {
        this.settings = settings;
        this.connections = connections;
        this.clock = clock;
        this.nanos = nanos;
        this.nodes = settings.hosts().stream().map(Node::new).toList();
    }

    /** One address. */
    private static final class Node {
        private final URI address;
        private boolean isAside;
        private long asideSince;

        Node(URI address) {
            this.address = address;
        }
    }

    /** What a request sends. */
    record Body(byte[] bytes, int length, String type, boolean isGzip) {

        static final Body NONE = new Body(new byte[0], 0, "", false);

        static Body json(String json) {
            byte[] bytes = json.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            return new Body(bytes, bytes.length, "application/json", false);
        }
    }

    /** An answer, and who gave it. */
    record Reply(URI node, Answer answer, Duration retryAfter) {

        int status() {
            return answer.status();
        }
    }

    /**
     * Asks the nodes until one answers for good or ill.
     *
     * @throws TransientDeliveryException when none answers
     * @throws PermanentDeliveryException when one does, but is not who it should be
     */
    Reply ask(String method, String path, Body body) throws DeliveryException, InterruptedException {
        List<String> failures = new ArrayList<>();
        IOException last = null;
        for (Node node : inTurn()) {
            boolean isFirst = true;
            while (true) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                try {
                    Answer answer = connections.exchange(request(node.address, method, path, body));
                    if (answer.status() >= 502 && answer.status() <= 504 && nodes.size() > 1 && failures.size() < nodes.size() - 1) {
                        // Another node may do better; if none does, what the last one says counts.
                        failures.add(node.address + " answers " + answer.status());
                        setAside(node);
                        break;
                    }
                    node.isAside = false;
                    return new Reply(node.address, answer, Retry.after(answer.headers(), clock));
                } catch (Connections.TooLongException e) {
                    throw new BatchRefusedException(node.address + " gives " + e.getMessage(), e);
                } catch (IOException e) {
                    refuseStrangers(node.address, e);
                    last = e;
                    if (isFirst && mayBeStale(e)) {
                        isFirst = false;
                        continue;
                    }
                    failures.add(reason(node.address, e));
                    setAside(node);
                    break;
                }
            }
        }
        throw new TransientDeliveryException("unreachable: " + String.join("; ", failures), last);
    }

    /** A connection that was kept for the next request can have been closed by the other side: that is no failure of the node yet. */
    private static boolean mayBeStale(IOException e) {
        return !(e instanceof ConnectException) && !(e instanceof HttpTimeoutException);
    }

    private HttpRequest request(URI node, String method, String path, Body body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node + path)).header("Accept", "application/json");
        settings.authorization().ifPresent(value -> request.header("Authorization", value));
        if (body.length == 0) {
            return request.method(method, BodyPublishers.noBody()).build();
        }
        request.header("Content-Type", body.type);
        if (body.isGzip) {
            request.header("Content-Encoding", "gzip");
        }
        return request.method(method, BodyPublishers.ofByteArray(body.bytes, 0, body.length)).build();
    }

    /** Those that answer first, each time beginning with the next; then those that were set aside, the longest first. */
    private List<Node> inTurn() {
        List<Node> order = new ArrayList<>();
        List<Node> aside = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get((turn + i) % nodes.size());
            boolean isFit = !node.isAside || nanos.getAsLong() - node.asideSince > SET_ASIDE_NANOS;
            (isFit ? order : aside).add(node);
        }
        turn = (turn + 1) % nodes.size();
        aside.sort((one, other) -> Long.signum(one.asideSince - other.asideSince));
        order.addAll(aside);
        return order;
    }

    private void setAside(Node node) {
        node.isAside = true;
        node.asideSince = nanos.getAsLong();
    }

    private static void refuseStrangers(URI node, IOException failure) throws PermanentDeliveryException {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                throw new PermanentDeliveryException(node + " is not trusted: " + cause.getMessage() + "; see tls.ca and tls.fingerprint", failure);
            }
            if (cause instanceof SSLException && String.valueOf(cause.getMessage()).contains("Unsupported or unrecognized SSL message")) {
                throw new PermanentDeliveryException(node + " does not speak TLS: write http:// in hosts, or set up TLS there", failure);
            }
        }
    }

    private static String reason(URI node, IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return node + " has a host name that is not known";
            }
        }
        if (failure instanceof ConnectException) {
            return "cannot connect to " + node + " (" + (failure.getMessage() == null ? "refused" : failure.getMessage()) + ")";
        }
        return node + " does not answer (" + (failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage()) + ")";
    }

    @Override
    public void close() {
        connections.close();
    }
}
