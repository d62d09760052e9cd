package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Owns the thread that gets lines to the hub: through memory, or through the spool where memory is full, and beside them what earlier processes have left.
 *
 * <p>The thread never waits for the network in anything but the selector, so a hub that has stopped reading can't stop it from spooling. Thread-safe.
 */
public final class Sender implements Outlet {

    private static final long NEVER = Long.MAX_VALUE / 2;
    private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long SPOOL_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** What the spool may take at the end beyond the time for sending: a busy disk can stall for seconds, and who gives up earlier loses lines. */
    private static final Duration SPOOLING_TIME = Duration.ofSeconds(30);
    private static final int QUIET_ROUNDS = 4;
    private static final int STEPS_PER_ROUND = 64;
    private static final int SPOOL_BLOCK_BYTES = 262_144;
    private static final long LIVELY_WAIT_BYTES = 1_048_576;

    private final Settings settings;
    private final Counters counters;
    private final Dialect dialect;
    private final Inbox inbox;
    private final Thread thread;
    private final Queue<Flush> flushes = new ConcurrentLinkedQueue<>();
    private final Optional<Spool> spool;
    private volatile Selector selector;
    private volatile Session session;
    private volatile boolean overflowing;
    private volatile long finishAt;
    private volatile boolean finishing;
    // From here on the thread's own.
    private final Optional<Backlog> backlog;
    private long spoolAgainAt = System.nanoTime();
    private int quietRounds;
    private boolean triedToFinish;
    private byte[] goodbye;

    /** Somebody who waits until everything is with the hub. */
    private static final class Flush {
        private final CompletableFuture<Boolean> done = new CompletableFuture<>();
        private boolean hasTried;
        /** The number of the last line that is waited for. */
        private long last;
    }

    /** Prepares; nothing happens before {@link #start}. */
    public Sender(Settings settings, Counters counters, Dialect dialect) {
        this.settings = settings;
        this.counters = counters;
        this.dialect = dialect;
        this.spool = settings.spool().map(place -> new Spool(place, settings.source()));
        this.backlog = spool.map(place -> new Backlog(place, counters,
                file -> new Session(settings, counters, dialect, selector, file.client(), file.first(), file)));
        this.inbox = new Inbox(settings.stagingBytes(), spool.isPresent() ? Integer.MAX_VALUE : settings.bufferMessages(), this::wake);
        this.thread = new Thread(this::run, "monitoring-sdk-" + settings.source());
        thread.setDaemon(true);
    }

    /** Starts the thread; whether that was possible. Without one every message is lost, and counted. */
    @Override
    public boolean start() {
        try {
            selector = Selector.open();
            session = new Session(settings, counters, dialect, selector, UUID.randomUUID(), 1, null);
            thread.start();
            return true;
        } catch (IOException | OutOfMemoryError e) {
            counters.error("cannot start the sender thread: " + e);
            inbox.close();
            return false;
        }
    }

    /** Takes a line with its newline, or counts it as lost. Never waits. */
    @Override
    public void add(byte[] line) {
        Loss loss = inbox.offer(line);
        if (loss != null) {
            counters.lose(loss, 1);
        }
    }

    private void wake() {
        Selector current = selector;
        if (current != null) {
            current.wakeup();
        }
    }

    /** Waits until the hub has what was added before, but no longer than there is a hub; whether it has. An interrupt ends the wait. */
    @Override
    public boolean flush(Duration timeout) {
        if (!thread.isAlive() || Thread.currentThread() == thread) {
            return false;
        }
        Flush flush = new Flush();
        flushes.add(flush);
        inbox.wakeUp();
        try {
            return flush.done.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } finally {
            flush.done.cancel(false);
        }
    }

    /**
     * Sends what can be sent within this time, leaves the rest in the spool, and ends the thread. An interrupt shortens the time for sending, not that
     * for spooling.
     */
    @Override
    public void close(Duration timeout) {
        finish(System.nanoTime() + timeout.toNanos());
        boolean interrupted = joined(timeout.plus(SPOOLING_TIME));
        if (interrupted) {
            finish(System.nanoTime());
            joined(SPOOLING_TIME);
            Thread.currentThread().interrupt();
        }
    }

    private void finish(long at) {
        finishAt = at;
        finishing = true;
        inbox.wakeUp();
    }

    /** Waits for the thread; whether the wait was interrupted. */
    private boolean joined(Duration timeout) {
        if (Thread.currentThread() == thread) {
            return false;
        }
        try {
            thread.join(Math.max(1, timeout.toMillis()));
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Whether messages are kept on disk, or lost, because memory is full. */
    @Override
    public boolean isOverflowing() {
        return overflowing;
    }

    /** Whether there is a connection. */
    @Override
    public boolean isConnected() {
        Session current = session;
        return current != null && current.isConnected();
    }

    /** {@code acked}, {@code plain} or {@code undecided}. */
    @Override
    public String protocol() {
        Session current = session;
        return current == null ? "undecided" : current.mode().name().toLowerCase(Locale.ROOT);
    }

    /** The identity under which the hub knows this instance. */
    @Override
    public Optional<UUID> client() {
        return Optional.ofNullable(session).map(Session::client);
    }

    /** Messages in memory that the hub has not confirmed. */
    @Override
    public int buffered() {
        return Math.max(0, inbox.held());
    }

    // --- the thread ---

    private void run() {
        try {
            while (!isFinished(System.nanoTime())) {
                round();
            }
        } catch (IOException e) {
            counters.error("the sender thread has ended: " + e);
        } finally {
            stow();
            flushes.forEach(flush -> flush.done.complete(false));
        }
    }

    private void round() throws IOException {
        // Whoever interrupts this thread closes its sockets, no more.
        Thread.interrupted();
        boolean ending = finishing;
        boolean connectNow = ending && !triedToFinish;
        for (Flush flush : flushes) {
            if (!flush.hasTried) {
                connectNow = true;
                flush.hasTried = true;
                flush.last = session.nextNumber() - 1 + inbox.size();
            }
        }
        try {
            work(connectNow);
        } catch (RuntimeException bug) {
            // The boundary to the application's process: a bug of ours must end neither it nor this thread.
            session.down("unexpected: " + bug);
        }
        triedToFinish = ending;
        answerFlushes();
        if (!isFinished(System.nanoTime())) {
            rest();
        }
    }

    private void work(boolean connectNow) {
        long now = System.nanoTime();
        quietRounds = inbox.isEmpty() ? quietRounds + 1 : 0;
        int progress = 1;
        for (int i = 0; i < STEPS_PER_ROUND && progress > 0; i++) {
            collect(now);
            sayGoodbye();
            boolean hadFile = session.file() != null;
            progress = session.step(now, i == 0 && connectNow && session.isDown());
            inbox.release(progress);
            progress = inbox.isEmpty() && !hadFile ? 0 : progress;
        }
        overflowing = spool.isEmpty() ? inbox.held() >= settings.bufferMessages() : session.file() != null;
        if (backlog.isPresent() && session.mode() != Session.Mode.UNDECIDED) {
            backlog.get().step(now, session);
        }
    }

    /** Moves what waits into memory as long as that keeps the order, else into the spool, unless the hub is quick enough. */
    private void collect(long now) {
        while (session.hasRoom() && !inbox.isEmpty()) {
            session.add(inbox.poll());
        }
        boolean worthWaiting = session.isLively(now) && inbox.bytes() < LIVELY_WAIT_BYTES;
        // what came after the loop had found nothing more still has room in memory
        if (session.hasRoom() || inbox.isEmpty() || spool.isEmpty() || worthWaiting || now - spoolAgainAt < 0) {
            return;
        }
        while (!inbox.isEmpty()) {
            if (!spoolSome(spool.get())) {
                spoolAgainAt = now + SPOOL_AGAIN_NANOS;
                return;
            }
        }
    }

    /** Puts a block of waiting lines into the spool file; whether it took any. What it doesn't take goes on waiting. */
    private boolean spoolSome(Spool place) {
        try {
            SpoolFile file = session.file();
            if (file == null) {
                file = place.create(session.client(), session.nextNumber());
                session.file(file);
            }
            List<byte[]> block = inbox.peek(Math.min(file.room(), SPOOL_BLOCK_BYTES));
            if (block.isEmpty()) {
                counters.error("the spool is full: raise spoolBytes, or see why the hub is away");
                return false;
            }
            file.append(block);
            block.forEach(spooled -> inbox.poll());
            counters.spooled.addAndGet(block.size());
            inbox.release(block.size());
            return true;
        } catch (IOException e) {
            counters.error("cannot write to the spool: " + e);
            return false;
        }
    }

    private void answerFlushes() {
        if (flushes.isEmpty()) {
            return;
        }
        for (Flush flush : flushes) {
            boolean isSafe = session.first() > flush.last;
            if (flush.done.isDone() || flush.hasTried && (isSafe || session.isDown())) {
                flush.done.complete(isSafe);
                flushes.remove(flush);
            }
        }
    }

    /** Sleeps until there is something to do: at once if so, after the linger if messages keep coming, else until somebody wakes us. */
    private void rest() throws IOException {
        long now = System.nanoTime();
        long due = session.dueAt(now + NEVER) - now;
        if (backlog.isPresent() && session.mode() != Session.Mode.UNDECIDED) {
            due = Math.min(due, backlog.get().dueAt(now + NEVER) - now);
        }
        if (finishing) {
            due = Math.min(due, finishAt - now);
        }
        if (quietRounds < QUIET_ROUNDS || !inbox.sleep()) {
            due = Math.min(due, settings.linger().toNanos());
        }
        selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(Math.min(due, LONGEST_REST_NANOS))));
        selector.selectedKeys().clear();
    }

    // --- the end ---

    private boolean isFinished(long now) {
        if (!finishing) {
            return false;
        }
        if (now - finishAt >= 0) {
            return true;
        }
        boolean oldFiles = session.mode() != Session.Mode.UNDECIDED && backlog.map(files -> files.isBusy(now)).orElse(false);
        boolean empty = inbox.isEmpty() && session.isEmpty() && !oldFiles;
        return triedToFinish ? empty || session.isDown() : empty && !session.isConnected();
    }

    private void sayGoodbye() {
        if (finishing && goodbye == null && session.isConnected() && session.file() == null && inbox.isEmpty() && session.nextNumber() > 1) {
            goodbye = dialect.goodbye();
            session.add(goodbye);
        }
    }

    /** Leaves what the hub doesn't have in the spool. */
    private void stow() {
        inbox.close();
        session.down("closed");
        List<byte[]> lines = session.lines();
        if (!lines.isEmpty() && lines.get(lines.size() - 1) == goodbye && session.file() == null) {
            lines.remove(lines.size() - 1);
        }
        if (session.file() == null) {
            for (byte[] line = inbox.poll(); line != null; line = inbox.poll()) {
                lines.add(line);
            }
        }
        while (!inbox.isEmpty() && spoolSome(spool.get())) {
            // Until the file has it all, or is full.
        }
        long left = session.nextNumber() - session.first();
        long kept = left == 0 ? 0 : seal(lines);
        counters.leftInSpool.addAndGet(kept);
        for (byte[] line = inbox.poll(); line != null; line = inbox.poll()) {
            left++;
        }
        counters.lose(Loss.NOT_SPOOLED, Math.max(0, left - kept));
        backlog.ifPresent(Backlog::leave);
        try {
            selector.close();
        } catch (IOException nothingToSave) {
            // The process or this instance ends.
        }
    }

    private long seal(List<byte[]> lines) {
        if (spool.isEmpty()) {
            return 0;
        }
        Spool.Sealed sealed = spool.get().seal(session.client(), session.first(), lines, session.file());
        sealed.failure().ifPresent(e -> counters.error("cannot write to the spool: " + e));
        return sealed.lines();
    }
}
