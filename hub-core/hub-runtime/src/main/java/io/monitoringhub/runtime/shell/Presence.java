package io.monitoringhub.runtime.shell;

import org.apache.felix.service.command.CommandSession;

/** Tells a command that goes on until somebody leaves whether the client of the shell is still there. Used by one thread at a time. */
public interface Presence {

    /** The name under which a session knows its client. */
    String VARIABLE = "CLIENT_PRESENCE";

    /** Whether the client has hung up, or the hub wants the shell to end. */
    boolean hasLeft();

    /** The one of a session; where it has none, as in a test's own, nobody ever leaves. */
    static Presence of(CommandSession session) {
        return session.get(VARIABLE) instanceof Presence presence ? presence : () -> false;
    }
}
