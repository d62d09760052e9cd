package io.monitoringhub.plugin.http;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Replies;
import io.monitoringhub.spi.transport.Session;
import io.monitoringhub.spi.transport.Submission;
import io.monitoringhub.spi.transport.SubmissionRefusedException;
import io.monitoringhub.spi.transport.SubmissionRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A hub's side that refuses some tokens, also for reasons to which a hub of one's own can't be brought at will. */
record RefusingIngest(Ingest hub, Map<String, SubmissionRefusedException.Reason> refused) implements Ingest {

    @Override
    public Submission submit(SubmissionRequest request) throws SubmissionRefusedException {
        SubmissionRefusedException.Reason reason = request.token().map(refused::get).orElse(null);
        if (reason == null) {
            return hub.submit(request);
        }
        throw new SubmissionRefusedException(reason, switch (reason) {
            case UNAUTHORIZED -> "the hub does not know this token";
            case FORBIDDEN -> "the token may not send here";
            case SUPERSEDED -> "a newer request under the same key has taken over";
            case OVERLOADED -> "the token has used up its rate";
        }, reason == SubmissionRefusedException.Reason.OVERLOADED ? Duration.ofMillis(2500) : Duration.ZERO);
    }

    @Override
    public ComponentId id() {
        return hub.id();
    }

    @Override
    public HealthReporter health() {
        return hub.health();
    }

    @Override
    public Session open(Peer peer, Replies replies) {
        return hub.open(peer, replies);
    }

    @Override
    public Listener listen(ListenAddress address, ConnectionReceiver receiver) throws IOException {
        return hub.listen(address, receiver);
    }

    @Override
    public Optional<Codec> codec(String name) {
        return hub.codec(name);
    }

    @Override
    public Path resolve(String path) {
        return hub.resolve(path);
    }
}
