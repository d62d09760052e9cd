package io.monitoringhub.ingest;

import io.monitoringhub.ingest.access.Grant;
import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.protocol.RefusalCode;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Peer;
import io.monitoringhub.spi.transport.Session;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;

/**
 * One connection that speaks LDJSON: keeps the incomplete last line between reads, and the numbers of an acknowledged session.
 *
 * <p>{@link #receive} and {@link #end} are called by one thread at a time; the other methods by any. What a peer sends compressed may be
 * taken by a thread of the hub, too: the input's lock is held by whoever takes lines of such a session.
 */
final class LineSession implements Session {

    private static final byte[] NOTHING = {};
    /** How much of a line that is too long goes to the reject file. */
    private static final int KEPT_OF_TOO_LONG = 1024;
    private static final Refusal NO_TOKEN = new Refusal(RefusalCode.UNAUTHORIZED,
            "this hub wants a token, which a plain connection cannot show: begin with a hello");
    private static final Refusal DID_NOT_WAIT = new Refusal(RefusalCode.INVALID_STREAM,
            "who offers compression has to wait for the welcome before anything else is sent");
    private static final Refusal REVOKED = new Refusal(RefusalCode.UNAUTHORIZED,
            "what this session was let in with holds no more: configure the token that the hub's operator has given to you");

    private static final Refusal FENCED = new Refusal(RefusalCode.FENCED,
            "a newer connection says that it is this client: don't share a client id, a forked child takes a new one");

    private final IngestEngine engine;
    private final ComponentId transport;
    private final Peer peer;
    private final Answers answers;
    private Optional<Grant> grant;

    private byte[] partial = NOTHING;
    private int partialLength;
    private long tooLong;
    private Optional<Client> client = Optional.empty();
    private LineNumbers.Counter numbers = LineNumbers.from(1).counter();
    private long lines;
    private int badInARow;
    private boolean hasSpoken;
    private volatile boolean ended;
    /** Between a hello and its answer. */
    private volatile boolean greeting;
    private volatile Optional<InflatingInput> inflating = Optional.empty();
    private volatile boolean cutOff;

    /** @param grant what the peer may do before it has said who it is; empty for nothing */
    LineSession(IngestEngine engine, ComponentId transport, Peer peer, Optional<Grant> grant, Answers answers) {
        this.engine = engine;
        this.transport = transport;
        this.peer = peer;
        this.grant = grant;
        this.answers = answers;
    }

    @Override
    public boolean receive(ByteBuffer received) {
        Optional<InflatingInput> input = inflating;
        if (input.isEmpty()) {
            take(received);
            return mayGoOn();
        }
        synchronized (input.get()) {
            try {
                input.get().add(received);
            } catch (DataFormatException tooMuch) {
                streamFails(tooMuch);
            }
            return inflate(input.get());
        }
    }

    private boolean mayGoOn() {
        return cutOff || ended || engine.backPressure().mayRead(this) && hasRoom();
    }

    /** Takes what has come, a piece at a time, as long as there is room. @return whether more may come */
    private boolean inflate(InflatingInput input) {
        DecodingPass pass = engine.borrowPass();
        byte[] bytes = pass.inflated();
        try {
            boolean isMore = true;
            while (isMore && !cutOff && !ended) {
                if (!mayGoOn()) {
                    return false;
                }
                int count = input.inflate(bytes);
                take(pass, ByteBuffer.wrap(bytes, 0, count));
                isMore = count > 0;
            }
        } catch (DataFormatException fault) {
            take(pass, ByteBuffer.wrap(bytes, 0, input.beforeFault()));
            streamFails(fault);
        } finally {
            engine.giveBack(pass);
        }
        return mayGoOn();
    }

    private void streamFails(DataFormatException fault) {
        if (!cutOff) {
            turnAway(new Refusal(RefusalCode.INVALID_STREAM, "this is not the " + InflatingInput.METHOD + " stream that was agreed on ("
                    + fault.getMessage() + "): connect anew"));
        }
    }

    /** The peer compresses all that it sends from now on. @return {@code false} when too many do already */
    boolean beginInflating() {
        if (!engine.mayInflate()) {
            return false;
        }
        inflating = Optional.of(new InflatingInput());
        return true;
    }

    /** The peer has sent something behind a hello that it had to wait after. */
    void didNotWait() {
        if (!cutOff) {
            turnAway(DID_NOT_WAIT);
        }
    }

    /** Takes bytes that are not compressed, without a word on whether more may come. */
    void take(ByteBuffer received) {
        DecodingPass pass = engine.borrowPass();
        try {
            take(pass, received);
        } finally {
            engine.giveBack(pass);
        }
        if (inflating.isPresent() && (partialLength > 0 || tooLong > 0)) {
            didNotWait();
        }
    }

    private void take(DecodingPass pass, ByteBuffer received) {
        if (grant.isPresent() && grant.get().isRevoked() && !cutOff) {
            turnAway(REVOKED);
        }
        if (ended || cutOff) {
            received.position(received.limit());
            return;
        }
        long before = lines;
        if (tooLong == 0 || endTooLong(pass, received)) {
            decode(pass, received);
        }
        if (grant.isPresent()) {
            grant.get().spend(lines - before);
        } else if (tooLong > 0 && !cutOff) {
            // Whoever was not let in gets one line to say who it is.
            turnAway(NO_TOKEN);
        }
    }

    /** Whether the rate of the token allows more. */
    private boolean hasRoom() {
        if (grant.isEmpty() || grant.get().hasRoom(this::resume)) {
            return true;
        }
        engine.countOverRate();
        return false;
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
            inflating.ifPresentOrElse(input -> {
                synchronized (input) {
                    input.close();
                    leave();
                }
                engine.inflatingEnded();
            }, this::leave);
        }
    }

    private void leave() {
        partial = NOTHING;
        partialLength = 0;
        client.ifPresent(owner -> owner.leave(this));
        engine.countEnded();
    }

    /** The session speaks for this client from its first line on, without a hello. */
    void beginUnasked(Client newcomer, LineNumbers numbering) {
        hasSpoken = true;
        client = Optional.of(newcomer);
        numbers = numbering.counter();
    }

    /** The session speaks for this client from now on; its next line has this number. */
    void begin(Client newcomer, long next) {
        client = Optional.of(newcomer);
        numbers = LineNumbers.from(next).counter();
        greeting = true;
    }

    /** Answers the hello. The log's thread may acknowledge lines of the session before this one just now: that is told behind the answer. */
    void welcome(Optional<String> compress) {
        Client owner = client.orElseThrow();
        long settled = owner.settled();
        answers.welcome(settled, compress);
        greeting = false;
        owner.acknowledgement().filter(now -> now.session() == this && now.number() > settled).ifPresent(Client.Acknowledgement::send);
    }

    /** All lines up to this number are in the log or were refused. */
    void acknowledge(long number) {
        if (!greeting) {
            answers.acknowledge(number);
        }
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
        lines++;
        return numbers.next();
    }

    /** What the peer may do; empty as long as it may do nothing. */
    Optional<Grant> grant() {
        return grant;
    }

    void grant(Grant admitted) {
        grant = Optional.of(admitted);
    }

    /** The peer was not let in; one that speaks no hello is told nothing. */
    void turnAway() {
        turnAway(NO_TOKEN);
    }

    private void turnAway(Refusal refusal) {
        engine.countRefused(this, refusal, NOTHING, 0, 0);
        if (client.isPresent()) {
            cutOff(refusal);
        } else {
            cutOff(refusal.code().word() + ": " + refusal.reason());
        }
    }

    void goodLine() {
        badInARow = 0;
    }

    /** Counts a refused line of a plain connection, and ends one that sends nothing else. */
    void badLine() {
        int most = engine.access().maxBadLines();
        if (++badInARow == most) {
            cutOff(most + " lines in a row were refused: this peer does not speak the hub's protocol");
        }
    }

    long lastNumber() {
        return numbers.last();
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

    /** A newer session speaks for the client: nothing more is taken, and the end comes once all that was taken is settled. */
    void replaced() {
        cutOff = true;
        answers.replaced(FENCED);
    }

    /** Ends those sessions that a newer one has replaced and that have nothing to wait for any more. Their peers know what need not be sent again. */
    static void endReplaced(Client client) {
        client.endings().forEach(ending -> {
            ending.send();
            ending.session().cutOff(FENCED);
        });
    }

    boolean isCutOff() {
        return cutOff;
    }

    /** There is room again. What has come compressed goes first, on a thread that may take its time. */
    void resume() {
        if (inflating.isEmpty()) {
            answers.resume();
        } else {
            engine.goOnLater(this);
        }
    }

    void goOn() {
        InflatingInput input = inflating.orElseThrow();
        boolean wantsMore;
        synchronized (input) {
            wantsMore = inflate(input);
        }
        if (wantsMore) {
            answers.resume();
        }
    }

    Answers answers() {
        return answers;
    }
}
