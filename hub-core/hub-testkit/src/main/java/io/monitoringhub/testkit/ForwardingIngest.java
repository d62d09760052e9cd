package io.monitoringhub.testkit;

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
import java.util.Objects;
import java.util.Optional;

/** A hub's side of a transport that passes everything on to another one: a test overrides what it wants to be different. Thread-safe if the other is. */
public abstract class ForwardingIngest implements Ingest {

    private final Ingest hub;

    protected ForwardingIngest(Ingest hub) {
        this.hub = Objects.requireNonNull(hub, "hub");
    }

    @Override
    public Submission submit(SubmissionRequest request) throws SubmissionRefusedException {
        return hub.submit(request);
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
