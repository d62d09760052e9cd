package io.monitoringhub.ingest;

import io.monitoringhub.protocol.Refusal;
import java.util.Optional;

/**
 * How a session's peer learns what became of its lines. Called by the thread of the session and by the log's, in any order that the lines
 * allow; never blocks.
 */
interface Answers {

    /** The session of an acknowledged client has begun. @param compress how the peer compresses what it sends from now on, if at all */
    void welcome(long settled, Optional<String> compress);

    /** A line was refused. @param number the line's */
    void refused(long number, Refusal refusal);

    /** A line is known already. */
    void known();

    /** All lines up to this number are in the log or were refused. */
    void acknowledge(long number);

    /** A newer session has taken this one's place: {@link #cutOff(Refusal)} follows when what this one has brought is settled. */
    void replaced(Refusal refusal);

    /** The session ends here, and what has not been decoded yet is dropped. */
    void cutOff(Refusal refusal);

    /** The same for a reason that is not the peer's. */
    void cutOff(String reason);

    /** The peer may go on sending. */
    void resume();
}
