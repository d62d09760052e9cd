package io.monitoringhub.sdk.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One numbered stream of lines of one client, and the connection that it goes over.
 *
 * <h2>Numbers</h2>
 * Lines wait in {@code lines}; {@code first} is the number of the first of them. A line stays until the hub has confirmed it. {@code written}
 * counts how many went into the present connection; after a lost one it is 0 again, and hello names {@code first}. The hub numbers by position from
 * there, so every line is written, also those that welcome says it has: leaving one out would shift the numbers of all that follow. An error
 * confirms its own line and says nothing of those before it.
 *
 * <h2>Mode</h2>
 * It belongs to the connection: undecided until the hub has answered hello, acked once it has, plain for a server that doesn't know hello. With a
 * plain one a line counts as sent when the kernel has taken it; the last of these stay in {@code unsure} as long as the connection: if the answer
 * comes after all, they wait for their ack like the others.
 *
 * <p>{@link #step} does what can be done now without waiting. Used by one thread at a time; the mode may be read by any.
 */
final class Session {

    /** What is known of the other side. */
    enum Mode { UNDECIDED, ACKED, PLAIN }

    private static final int WRITE_BYTES = 65_536;
    private static final int WRITES_PER_STEP = 16;

    private final Settings settings;
    private final Counters counters;
    private final Dialect dialect;
    private final Dialer dialer;
    private final Identity identity;
    private final List<byte[]> lines = new ArrayList<>();
    private final Unsettled unsettled = new Unsettled();
    private SpoolFile file;
    private long first;
    private int written;
    private long confirmed;
    private long highest;
    private Connection connection;
    private boolean isUp;
    private boolean wasWelcomed;
    private volatile Mode mode = Mode.UNDECIDED;
    private volatile boolean isConnected;
    private long since;
    private long heardAt;
    private String refusal = "";

    /** The lines of this client from number {@code first} on; {@code file} is what an earlier process has left of them, or null. */
    Session(Settings settings, Counters counters, Dialect dialect, Selector selector, UUID client, long first, SpoolFile file) {
        this.settings = settings;
        this.counters = counters;
        this.dialect = dialect;
        this.dialer = new Dialer(settings, selector);
        this.identity = new Identity(client, file == null);
        this.first = first;
        this.file = file;
        this.confirmed = first - 1;
        this.highest = first - 1;
    }

    /** There is a hub, however slow, if the other session was welcomed. */
    void expectWhatIsKnownTo(Session other) {
        wasWelcomed = other.wasWelcomed;
    }

    UUID client() {
        return identity.client();
    }

    /** Whether somebody else sends these lines, so that they are left to them. */
    boolean isOver() {
        return identity.isOver();
    }

    Mode mode() {
        return mode;
    }

    boolean isConnected() {
        return isConnected;
    }

    /** No connection, and none in the making. */
    boolean isDown() {
        return connection == null && !dialer.isLookingUp();
    }

    /** Whether the hub takes what it gets: it has confirmed something not long ago. */
    boolean isLively(long now) {
        return isConnected && mode != Mode.UNDECIDED && now - heardAt < 200_000_000L;
    }

    /** Nothing left to write or to be confirmed. */
    boolean isEmpty() {
        return lines.isEmpty() && (connection == null || !connection.hasOutput()) && (file == null || !file.hasUnread());
    }

    boolean hasRoom() {
        return file == null && lines.size() < settings.bufferMessages();
    }

    void add(byte[] line) {
        lines.add(line);
    }

    /** The lines in memory; the first has the number {@link #first}. */
    List<byte[]> lines() {
        return lines;
    }

    long first() {
        return first;
    }

    /** The number that the next new line gets. */
    long nextNumber() {
        return first + lines.size() + (file == null ? 0 : file.unreadLines());
    }

    /** The file that lines go to when memory is full, or null. */
    SpoolFile file() {
        return file;
    }

    void file(SpoolFile overflow) {
        file = overflow;
    }

    /** The next moment at which something is due without the network saying so. */
    long dueAt(long never) {
        if (connection == null) {
            return dialer.dueAt();
        }
        if (!isUp) {
            return since + settings.connectTimeout().toNanos();
        }
        return mode == Mode.UNDECIDED ? since + settings.welcomeTimeout().toNanos() : never;
    }

    /** Does what can be done now; returns by how many lines memory has become emptier; may be negative. */
    int step(long now, boolean connectNow) {
        int before = lines.size();
        try {
            if (connection == null && (connectNow || now - dialer.dueAt() >= 0)) {
                since = now;
                connection = dialer.begin(now).orElse(null);
            }
            if (connection != null && !isUp && dialer.finish(connection, now - since)) {
                begin(now);
            }
            if (isUp) {
                connection.read(line -> heard(line, now));
                decideMode(now);
                write(now);
            }
            if (connection != null) {
                connection.interest();
            }
        } catch (IOException e) {
            down(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e instanceof GivenUpException);
        }
        return before - lines.size();
    }

    private void begin(long now) {
        isUp = true;
        isConnected = true;
        since = now;
        heardAt = now;
        counters.connects.incrementAndGet();
        if (settings.saysHello()) {
            mode = Mode.UNDECIDED;
            connection.output(dialect.hello(identity.client(), first));
        } else {
            mode = Mode.PLAIN;
            dialer.hasWorked();
        }
    }

    /** Gives the connection up. */
    void down(String why) {
        down(why, true);
    }

    /** {@code gaveUp}: not by the hub, which need not know it yet. */
    private void down(String why, boolean gaveUp) {
        // What a plain server's socket took as whole lines is not sent again.
        if (connection != null && mode == Mode.PLAIN) {
            forget(Math.max(0, written - connection.unsentLines()));
        }
        dialer.hasFailed();
        if (connection != null) {
            connection.close();
        }
        connection = null;
        if (identity.connectionEnded(isUp, gaveUp) && file != null) {
            keepFile();
        }
        isUp = false;
        isConnected = false;
        mode = Mode.UNDECIDED;
        written = 0;
        unsettled.forgetDoubts();
        counters.error(refusal.isEmpty() ? why : refusal);
        refusal = "";
    }

    /** The spool file follows under the new id. Numbers go on: the hub takes a new client's from wherever they begin. */
    private void keepFile() {
        try {
            file.giveTo(identity.client());
        } catch (IOException e) {
            refusal += "; its spool file keeps the old id: " + e;
        }
    }

    /** Ends the connection; a file is given back if the hub has not confirmed all of it. */
    void leave() {
        boolean done = isEmpty();
        down("closed");
        if (file != null) {
            if (done) {
                file.remove();
            } else {
                file.release();
            }
        }
    }

    /**
     * A server that has never answered this client within the time for it doesn't know hello. One that has, has only stopped: a new connection is
     * tried instead.
     */
    private void decideMode(long now) throws IOException {
        if (mode != Mode.UNDECIDED || now - since < settings.welcomeTimeout().toNanos()) {
            return;
        }
        if (wasWelcomed || !settings.mayBePlain()) {
            throw new GivenUpException("the hub did not answer hello in " + settings.welcomeTimeout());
        }
        mode = Mode.PLAIN;
        dialer.hasWorked();
        heardAt = now;
        confirmWritten();
    }

    private void heard(String line, long now) throws IOException {
        Optional<Answer> answer = Answer.of(line);
        heardAt = answer.isPresent() ? now : heardAt;
        switch (answer.map(Answer::type).orElse("")) {
            case "ack" -> acked(answer.get().seq());
            case "welcome" -> welcomed(answer.get());
            case "error" -> refused(answer.get());
            default -> {
                // A later version's: clients must bear it.
            }
        }
    }

    private void acked(long number) throws IOException {
        if (number > highest) {
            throw new GivenUpException("the hub acknowledged line " + number + ", but " + highest + " was the last one sent");
        }
        takeBack();
        mode = Mode.ACKED;
        confirm(number);
    }

    private void welcomed(Answer welcome) throws IOException {
        takeBack();
        mode = Mode.ACKED;
        wasWelcomed = true;
        if (identity.isOwn() && welcome.acked() > highest) {
            identity.taken();
            refusal = "the hub has line " + welcome.acked() + " of this client, but " + highest + " was the last one sent: another process has its id";
            throw new IOException(refusal);
        }
        // Of a file that somebody else wrote and partly sent, the hub may have more than was read here.
        highest = Math.max(highest, welcome.acked());
        dialer.hasWorked();
        if (settings.compresses() && welcome.compress().equals("zlib")) {
            connection.compress();
        }
        if (welcome.maxMessage() >= 1_024) {
            dialect.limitLines((int) welcome.maxMessage());
        }
        if (welcome.acked() > 0) {
            acked(welcome.acked());
        }
    }

    private void refused(Answer error) throws IOException {
        String why = "refused by the hub: " + error.code() + error.reason();
        counters.refused.incrementAndGet();
        counters.error(why);
        long number = error.seq();
        // Without a number it is about the session, which the hub will end.
        if (number <= 0) {
            refusal = why;
            if (error.code().equals("fenced")) {
                takeBack();
                mode = Mode.ACKED;
                identity.fenced();
                throw new IOException(why);
            }
        } else if (number > confirmed && number <= highest) {
            unsettled.refuse(number);
            confirm(confirmed);
        }
    }

    /** All lines up to this number are the hub's. Only written ones can go; the rest follow when they have been written. */
    private void confirm(long number) {
        confirmed = unsettled.confirmed(Math.max(confirmed, number));
        forget((int) Math.min(confirmed - first + 1, written));
    }

    private void confirmWritten() {
        if (!connection.hasOutput()) {
            forget(written);
        }
    }

    private void forget(int count) {
        if (count <= 0) {
            return;
        }
        if (mode == Mode.PLAIN && settings.saysHello()) {
            unsettled.doubt(lines.subList(0, count), settings.bufferMessages());
        }
        lines.subList(0, count).clear();
        first += count;
        written -= count;
        (mode == Mode.PLAIN ? counters.plain : counters.acked).addAndGet(count);
        if (file != null && file.isDone(first - 1)) {
            file.remove();
            file = null;
        }
    }

    /** The hub did know hello, it was only slow: what was taken for sent is as unconfirmed as the rest. */
    private void takeBack() {
        int count = unsettled.takeBack(lines);
        first -= count;
        written += count;
        counters.plain.addAndGet(-count);
    }

    private void write(long now) throws IOException {
        for (int i = 0; i < WRITES_PER_STEP; i++) {
            // Who offers compression says nothing more before the answer tells how to.
            if (!connection.hasOutput() && !(settings.compresses() && mode == Mode.UNDECIDED)) {
                if (file != null && lines.size() <= settings.bufferMessages() / 2 && file.hasUnread()) {
                    lines.addAll(file.take(settings.bufferMessages() - lines.size()));
                }
                nextBatch();
            }
            if (!connection.hasOutput() || !connection.write(line -> heard(line, now))) {
                return;
            }
            if (mode == Mode.PLAIN) {
                confirmWritten();
            } else if (mode == Mode.ACKED) {
                confirm(confirmed);
            }
        }
    }

    private void nextBatch() {
        int to = written;
        int bytes = 0;
        while (to < lines.size() && bytes < WRITE_BYTES) {
            bytes += lines.get(to++).length;
        }
        if (to == written) {
            return;
        }
        ByteArrayOutputStream batch = new ByteArrayOutputStream(bytes);
        lines.subList(written, to).forEach(batch::writeBytes);
        connection.output(batch.toByteArray());
        long last = first + to - 1;
        long fresh = Math.max(0, last - Math.max(highest, first + written - 1));
        counters.sent.addAndGet(fresh);
        counters.resent.addAndGet(to - written - fresh);
        highest = Math.max(highest, last);
        written = to;
    }
}
