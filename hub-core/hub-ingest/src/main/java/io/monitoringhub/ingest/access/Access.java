package io.monitoringhub.ingest.access;

import io.monitoringhub.spi.ComponentId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * Decides who may send. Thread-safe.
 *
 * <p>A change of the settings holds at once: a token that was taken away, or that is good for other transports now, ends the sessions that were
 * let in with it; new sources and a new rate hold for open sessions, too. One thread, {@code hub-rates}, wakes whom a rate has stopped.
 */
public final class Access implements AutoCloseable {

    private final LongSupplier nanoTime;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "hub-rates");
        thread.setDaemon(true);
        return thread;
    });
    private final Object lock = new Object();
    private final Map<String, Grant> anonymous = new HashMap<>();
    private volatile AccessSettings settings = AccessSettings.OPEN;
    private volatile List<Known> known = List.of();

    /** Lets everybody in until it is told otherwise. */
    public Access() {
        this(System::nanoTime);
    }

    /** The same by another time. */
    public Access(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Applies settings to those who come, and to those who are there. */
    public void configure(AccessSettings wanted) {
        synchronized (lock) {
            List<Known> before = known;
            known = wanted.tokens().stream().map(token -> before.stream().filter(old -> old.isSame(token)).findFirst()
                    .map(old -> new Known(token, old.grant()))
                    .orElseGet(() -> new Known(token, new Grant(token.name(), nanoTime, timer)))).toList();
            known.forEach(token -> token.grant().limit(token.settings()));
            settings = wanted;
            Set<Grant> kept = Set.copyOf(known.stream().map(Known::grant).toList());
            before.stream().map(Known::grant).filter(grant -> !kept.contains(grant)).forEach(Grant::revoke);
            anonymous.entrySet().removeIf(entry -> {
                if (isOpen(entry.getKey())) {
                    return false;
                }
                entry.getValue().revoke();
                return true;
            });
        }
    }

    /** What the hub itself may do: everything, and nobody takes it away. */
    public Grant ofTheHub() {
        return new Grant("", nanoTime, timer);
    }

    /** What a peer of this transport may do that shows no token; empty for nothing. */
    public Optional<Grant> withoutToken(ComponentId transport) {
        synchronized (lock) {
            return isOpen(transport.name())
                    ? Optional.of(anonymous.computeIfAbsent(transport.name(), name -> new Grant("", nanoTime, timer))) : Optional.empty();
        }
    }

    /**
     * What a peer of this transport may do.
     *
     * @param token as it was shown, if any was
     * @throws NotAdmittedException when it may do nothing
     */
    public Grant admit(ComponentId transport, Optional<String> token) throws NotAdmittedException {
        if (!settings.wantsTokens() || token.isEmpty()) {
            return withoutToken(transport).orElseThrow(() -> new NotAdmittedException(false, "this hub wants a token: configure the one that"
                    + " its operator has given to you"));
        }
        Optional<Known> bearer = find(TokenHash.of(token.get()));
        if (bearer.isEmpty()) {
            throw new NotAdmittedException(false, "the hub does not know this token: configure the one that its operator has given to you");
        }
        Set<String> transports = bearer.get().settings().transports();
        if (!transports.isEmpty() && !transports.contains(transport.name())) {
            throw new NotAdmittedException(true, "the token '" + bearer.get().settings().name() + "' may not be used on the transport '"
                    + transport.name() + "': connect to another one");
        }
        return bearer.get().grant();
    }

    /**
     * Whether somebody may see what others have sent. Where no token is wanted everybody may, so far as the transport's address lets them come.
     *
     * @param token as it was shown, if any was
     */
    public boolean mayRead(Optional<String> token) {
        return !settings.wantsTokens() || token.flatMap(shown -> find(TokenHash.of(shown))).map(known -> known.settings().mayRead()).orElse(false);
    }

    /** Compares with every token, whether one was found or not: the time tells nothing. */
    private Optional<Known> find(TokenHash shown) {
        Optional<Known> found = Optional.empty();
        for (Known token : known) {
            if (token.settings().hash().equals(shown)) {
                found = Optional.of(token);
            }
        }
        return found;
    }

    private boolean isOpen(String transport) {
        return !settings.wantsTokens() || settings.anonymous().contains(transport);
    }

    /** Refused lines in a row after which a plain connection is ended; 0 for never. */
    public int maxBadLines() {
        return settings.maxBadLines();
    }

    /** Lines that came in since the start or the token's change, by the token's name. */
    public Map<String, Long> lines() {
        Map<String, Long> lines = new TreeMap<>();
        known.forEach(token -> lines.put(token.settings().name(), token.grant().lines()));
        return lines;
    }

    /** Wakes nobody any more. */
    @Override
    public void close() {
        timer.shutdownNow();
    }

    private record Known(TokenSettings settings, Grant grant) {

        /** Whether who bore the one may go on with the other. */
        boolean isSame(TokenSettings other) {
            return settings.name().equals(other.name()) && settings.hash().equals(other.hash()) && settings.transports().equals(other.transports());
        }
    }
}
