package io.monitoringhub.ingest;

import io.monitoringhub.entries.ChunkBuilder;
import io.monitoringhub.ingest.access.NotAdmittedException;
import io.monitoringhub.protocol.Envelope;
import io.monitoringhub.protocol.Hello;
import io.monitoringhub.protocol.LineDecoder;
import io.monitoringhub.protocol.LineReceiver;
import io.monitoringhub.protocol.ProtocolLimits;
import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.protocol.Type;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Turns the bytes of one read into one frame. Borrowed by a session for the time of one call, so that thousands of idle connections hold
 * no buffers.
 *
 * <p>Used by one thread at a time.
 */
final class DecodingPass implements LineReceiver {

    private static final MessageType[] TYPES = Arrays.stream(Type.values()).map(DecodingPass::entryType).toArray(MessageType[]::new);

    private static final int INFLATED_BYTES = 64 << 10;
    private static final Refusal LATE_HELLO = new Refusal(RefusalCode.UNEXPECTED_CONTROL,
            "a hello must be the first line of its connection: connect anew to begin a session");

    private final IngestEngine engine;
    private final LineDecoder decoder;
    private final ChunkBuilder builder = new ChunkBuilder();
    private final long clockToleranceMillis;
    private byte[] assembled = {};
    private byte[] inflated = {};

    private LineSession session;
    private Optional<Client> client = Optional.empty();
    private byte[] bytes;
    private long now;
    private String allowedSource = "";
    /** The peer may send nothing more before it has read our welcome. */
    private boolean mustWait;
    private boolean knownAlready;

    DecodingPass(IngestEngine engine, ProtocolLimits limits) {
        this.engine = engine;
        this.decoder = new LineDecoder(limits);
        this.clockToleranceMillis = engine.settings().clockTolerance().toMillis();
    }

    /** Where compressed bytes are inflated to, a piece at a time. */
    byte[] inflated() {
        if (inflated.length == 0) {
            inflated = new byte[INFLATED_BYTES];
        }
        return inflated;
    }

    /** An array of this pass that holds at least so many bytes. */
    byte[] assembly(int size) {
        if (assembled.length < size) {
            assembled = new byte[Math.max(size, 64 << 10)];
        }
        return assembled;
    }

    /**
     * Takes every complete line.
     *
     * @return where the incomplete last line begins
     */
    int run(LineSession session, byte[] bytes, int from, int to) {
        this.session = session;
        this.bytes = bytes;
        this.now = engine.clock().millis();
        this.allowedSource = "";
        this.mustWait = false;
        builder.reset();
        takeTurn(session.client());
        boolean isDone = false;
        try {
            int rest = decoder.decode(bytes, from, to, this);
            append(session.lastNumber());
            settle();
            isDone = true;
            return rest;
        } finally {
            if (!isDone) {
                // A fault of the hub: the connection ends, and its lines that no frame holds must be taken when they come again.
                client.ifPresent(Client::passFailed);
            }
            takeTurn(Optional.empty());
            this.session = null;
            this.bytes = null;
        }
    }

    /** Refuses a line of the session that grew too long to be kept. */
    void refuseTooLong(LineSession session, Refusal refusal, byte[] beginning) {
        this.session = session;
        takeTurn(session.client());
        try {
            refused(beginning, 0, beginning.length, refusal);
            settle();
        } finally {
            takeTurn(Optional.empty());
            this.session = null;
        }
    }

    @Override
    public void message(byte[] line, int from, int to, Envelope envelope) {
        if (!isNew()) {
            return;
        }
        String source = envelope.source();
        if (!source.equals(allowedSource) && !mayBear(source)) {
            refuse(line, from, to, new Refusal(RefusalCode.SOURCE_NOT_ALLOWED, "the token '" + session.grant().orElseThrow().name()
                    + "' may not send for the source '" + source + "': use the right token or source"));
            return;
        }
        session.goodLine();
        if (!builder.accepts(source)) {
            // This line is counted, but goes into the next frame.
            append(session.lastNumber() - 1);
        }
        long timestamp = envelope.timestamp();
        boolean clockOff = Math.abs(timestamp - now) > clockToleranceMillis;
        builder.add(from, to, source, TYPES[envelope.type().ordinal()], envelope.level(), timestamp, envelope.hasTraceId(), clockOff);
    }

    @Override
    public void hello(byte[] line, int from, int to, Hello hello) {
        if (session.isCutOff()) {
            return;
        }
        if (!session.isFirstLine()) {
            refused(line, from, to, LATE_HELLO);
            return;
        }
        session.countLine();
        try {
            session.grant(engine.access().admit(session.transport(), hello.token()));
        } catch (NotAdmittedException turnedAway) {
            turnAway(new Refusal(RefusalCode.UNAUTHORIZED, turnedAway.getMessage()), line, from);
            return;
        }
        Client newcomer = engine.clients().client(hello.clientId(), hello.next());
        takeTurn(Optional.of(newcomer));
        session.begin(newcomer, hello.next());
        newcomer.fence(session, hello.next()).ifPresent(LineSession::replaced);
        LineSession.endReplaced(newcomer);
        Optional<String> compress = hello.compress().stream().filter(InflatingInput.METHOD::equals).findFirst()
                .filter(method -> session.beginInflating());
        mustWait = compress.isPresent();
        session.welcome(compress);
    }

    @Override
    public void refused(byte[] line, int from, int to, Refusal refusal) {
        if (session.isFirstLine() && refusal.code() == RefusalCode.INVALID_HELLO && !session.isCutOff()) {
            session.countLine();
            turnAway(refusal, line, from);
        } else if (isNew()) {
            refuse(line, from, to, refusal);
        }
    }

    private void refuse(byte[] line, int from, int to, Refusal refusal) {
        engine.countRefused(session, refusal, line, from, to);
        if (client.isPresent()) {
            session.answers().refused(session.lastNumber(), refusal);
        } else {
            session.badLine();
        }
    }

    /** Ends a session that has not begun. The line is not kept: it may hold a token. */
    private void turnAway(Refusal refusal, byte[] line, int from) {
        engine.countRefused(session, refusal, line, from, from);
        session.cutOff(refusal);
    }

    /** Whether the session's token is good for a source; remembers it for the lines that follow. */
    private boolean mayBear(String source) {
        if (!session.grant().orElseThrow().allows(source)) {
            return false;
        }
        allowedSource = source;
        return true;
    }

    /** Numbers the line; tells whether it still has to be taken. */
    private boolean isNew() {
        if (session.isCutOff()) {
            return false;
        }
        if (mustWait) {
            session.didNotWait();
            return false;
        }
        long number = session.countLine();
        if (session.grant().isEmpty()) {
            session.turnAway();
            return false;
        }
        if (client.isEmpty() || client.get().take(number)) {
            return true;
        }
        engine.countDuplicate();
        session.answers().known();
        knownAlready = true;
        return false;
    }

    /** Acknowledges what needs no frame: refused lines, and lines that the client sent again although they are stored. */
    private void settle() {
        if (client.isPresent()) {
            Optional<Client.Acknowledgement> refused = client.get().passEnded();
            refused.or(() -> knownAlready ? client.get().acknowledgement() : Optional.empty()).ifPresent(Client.Acknowledgement::send);
        }
        knownAlready = false;
    }

    /** Sends off what was collected. @param lastNumber the session's last line that is in it or needs no frame */
    private void append(long lastNumber) {
        if (builder.count() == 0) {
            return;
        }
        client.filter(Client::isRemembered).ifPresent(owner -> builder.settle(owner.id(), lastNumber));
        int size = builder.encodedBytes();
        ByteBuffer payload = engine.buffers().lend(size);
        builder.encode(bytes, payload);
        PendingFrame frame = new PendingFrame(engine, session.transport(), payload.flip(), builder.count(), builder.messageBytes(), client,
                lastNumber);
        engine.backPressure().add(size);
        client.ifPresent(owner -> owner.frameLeft(lastNumber));
        builder.reset();
        try {
            engine.log().append(frame);
        } catch (IllegalStateException closed) {
            frame.failed(new IOException(closed.getMessage(), closed));
        }
    }

    private void takeTurn(Optional<Client> next) {
        client.ifPresent(before -> before.turn().unlock());
        client = next;
        client.ifPresent(owner -> owner.turn().lock());
    }

    private static MessageType entryType(Type type) {
        return MessageType.of(type.word()).orElse(null);
    }
}
