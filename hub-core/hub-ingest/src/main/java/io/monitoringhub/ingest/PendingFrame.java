package io.monitoringhub.ingest;

import io.monitoringhub.log.Append;
import io.monitoringhub.spi.ComponentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A chunk on its way to the log, and what happens once it is there. */
final class PendingFrame implements Append {

    private final IngestEngine engine;
    private final ComponentId transport;
    private final ByteBuffer payload;
    private final int count;
    private final int size;
    private final int messageBytes;
    private final Optional<Client> client;
    private final long lastNumber;
    private final long decodedAt = System.nanoTime();

    PendingFrame(IngestEngine engine, ComponentId transport, ByteBuffer payload, int count, int messageBytes, Optional<Client> client,
            long lastNumber) {
        this.engine = engine;
        this.transport = transport;
        this.payload = payload;
        this.count = count;
        this.size = payload.remaining();
        this.messageBytes = messageBytes;
        this.client = client;
        this.lastNumber = lastNumber;
    }

    @Override
    public ByteBuffer payload() {
        return payload;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public void durable(long baseOffset) {
        try {
            engine.countAppended(transport, count, messageBytes, System.nanoTime() - decodedAt);
            Optional<Client.Acknowledgement> acknowledgement = client.flatMap(owner -> owner.frameDurable(lastNumber));
            engine.clients().settledBefore(baseOffset + count);
            acknowledgement.ifPresent(Client.Acknowledgement::send);
            client.ifPresent(LineSession::endReplaced);
        } finally {
            // Last: where nothing is on the way any more, everything has been told.
            release();
        }
    }

    @Override
    public void failed(IOException cause) {
        try {
            engine.countLost(count, cause);
            client.flatMap(Client::frameFailed).ifPresent(session -> session.cutOff("the log could not store a frame: " + cause.getMessage()));
            client.ifPresent(LineSession::endReplaced);
        } finally {
            release();
        }
    }

    private void release() {
        engine.buffers().giveBack(payload);
        engine.backPressure().remove(size);
    }
}
