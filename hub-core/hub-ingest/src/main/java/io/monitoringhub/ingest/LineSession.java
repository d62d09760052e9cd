package io.monitoringhub.ingest;

import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Session;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * One connection that speaks LDJSON: keeps the incomplete last line between reads, and the numbers of an acknowledged session.
 *
 * <p>{@link #receive} and {@link #end} are called by one thread at a time; the other methods by any.
 */
final class LineSession implements Session {

    private static final byte[] NOTHING = {};
    /** How much of a line that is too long goes to the reject file. */
    private static final int KEPT_OF_TOO_LONG = 1024;

    private final IngestEngine engine;
    private final ComponentId transport;
    private final Peer peer;
    private final Answers answers;

    private byte[] partial = NOTHING;
    private int partialLength;
    private long tooLong;
    private Optional<Client> client = Optional.empty();
    private long lastNumber;
    private boolean hasSpoken;
    private boolean ended;
    private volatile boolean cutOff;

    LineSession(IngestEngine engine, ComponentId transport, Peer peer, Answers answers) {
        this.engine = engine;
        this.transport = transport;
        this.peer = peer;
        this.answers = answers;
    }

    @Override
    public boolean receive(ByteBuffer received) {
        if (ended || cutOff) {
            received.position(received.limit());
            return true;
        }
        DecodingPass pass = engine.borrowPass();
        try {
            if (tooLong == 0 || endTooLong(pass, received)) {
                decode(pass, received);
            }
        } finally {
            engine.giveBack(pass);
        }
        return engine.backPressure().mayRead(this);
    }

    private void decode(DecodingPass pass, ByteBuffer received) {
        int size = received.remaining();
        byte[] bytes;
        int from;
        if (partialLength == 0 && received.hasArray()) {
            bytes = received.array();
            from = received.arrayOffset() + received.position();
            received.position(received.limit());
        } else {
            from = 0;
            size += partialLength;
            bytes = pass.assembly(size);
            System.arraycopy(partial, 0, bytes, 0, partialLength);
            received.get(bytes, partialLength, size - partialLength);
        }
        keep(bytes, pass.run(this, bytes, from, from + size), from + size);
    }

    /** Keeps the incomplete last line. */
    private void keep(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length >= engine.settings().maxMessageBytes()) {
            tooLong = length;
            partial = Arrays.copyOfRange(bytes, from, from + KEPT_OF_TOO_LONG);
            partialLength = 0;
        } else if (length == 0) {
            partial = NOTHING;
            partialLength = 0;
        } else {
            if (partial.length < length) {
                partial = new byte[Math.max(length, 512)];
            }
            System.arraycopy(bytes, from, partial, 0, length);
            partialLength = length;
        }
    }

    /** Skips a line that is too long. @return whether it has ended within these bytes */
    private boolean endTooLong(DecodingPass pass, ByteBuffer received) {
        while (received.hasRemaining()) {
            if (received.get() == '\n') {
                byte[] beginning = partial;
                partial = NOTHING;
                Refusal refusal = Refusal.tooLong(tooLong + 1);
                tooLong = 0;
                pass.refuseTooLong(this, refusal, beginning);
                return true;
            }
            tooLong++;
        }
        return false;
    }

    @Override
    public void end() {
        if (!ended) {
            ended = true;
            partial = NOTHING;
            partialLength = 0;
            client.ifPresent(owner -> owner.leave(this));
            engine.countEnded();
        }
    }

    /** The session speaks for this client from its first line on, without a hello. */
    void beginUnasked(Client newcomer, long next) {
        hasSpoken = true;
        begin(newcomer, next);
    }

    /** The session speaks for this client from now on; its next line has this number. */
    void begin(Client newcomer, long next) {
        client = Optional.of(newcomer);
        lastNumber = next - 1;
    }

    Optional<Client> client() {
        return client;
    }

    /** Whether no line has come yet. */
    boolean isFirstLine() {
        return !hasSpoken;
    }

    /** The number of the line that just came; means something in an acknowledged session only. */
    long countLine() {
        hasSpoken = true;
        return ++lastNumber;
    }

    long lastNumber() {
        return lastNumber;
    }

    ComponentId transport() {
        return transport;
    }

    Peer peer() {
        return peer;
    }

    /** What the peer sends from now on is dropped, and the connection ends. */
    void cutOff(String reason) {
        cutOff = true;
        answers.cutOff(reason);
    }

    /** The same, and a peer that speaks the session's protocol is told why. */
    void cutOff(Refusal refusal) {
        cutOff = true;
        answers.cutOff(refusal);
    }

    boolean isCutOff() {
        return cutOff;
    }

    void resume() {
        answers.resume();
    }

    Answers answers() {
        return answers;
    }
}
