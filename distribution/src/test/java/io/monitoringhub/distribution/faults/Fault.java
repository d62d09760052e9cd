package io.monitoringhub.distribution.faults;

import java.util.Locale;

/** What is done to a hub under load. Immutable. */
public enum Fault {
    /** kill -9 at a random moment. */
    KILL("kill -9"),
    /** The same, and again while the hub starts, one to three times. */
    KILL_STARTING("kill -9, again during start-up"),
    /** kill -9 while the hub ends because of a SIGTERM. */
    KILL_STOPPING("kill -9 during a stop"),
    /** kill -9 just after a new jar of the backend was delivered. */
    KILL_SWAPPING("kill -9 during a backend swap"),
    /** The transport's jar is replaced, so connections end. */
    SWAP_TRANSPORT("transport replaced"),
    /** The backend's jar is replaced, once or twice in a row. */
    SWAP_BACKEND("backend replaced"),
    /** The backend's jar is taken away and put back. */
    BACKEND_AWAY("backend removed, put back"),
    /** Connections are cut at random bytes, mostly within a line, in both directions. */
    CUT("connections cut mid-line"),
    /** Bytes are changed in a closed segment that every lane has passed. */
    DAMAGE("closed segment damaged"),
    /** One backend's file system is frozen: its calls do not return, and neither interrupt nor kill -9 ends them while it lasts. */
    HANG("backend hangs", true),
    /** The file system that the log is on fills up to the last block, and has room again. */
    FULL_LOG("log's disk full", true),
    /** The same with one backend's. */
    FULL_BACKEND("backend's disk full", true),
    /** The hub's clock goes back by up to two hours, and forward again at the end of the round. */
    CLOCK("clock moved backwards");

    private final String words;
    private final boolean needsDisks;

    Fault(String words) {
        this(words, false);
    }

    Fault(String words, boolean needsDisks) {
        this.words = words;
        this.needsDisks = needsDisks;
    }

    /** Whether it takes file systems of their own for the log and for one backend. */
    boolean needsDisks() {
        return needsDisks;
    }

    /** What it is, for a table. */
    public String words() {
        return words;
    }

    /** Its name in options: {@code kill-starting}. */
    public String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
