package io.monitoringhub.delivery.deadletters;

import java.io.IOException;
import java.util.List;

/** Keeps entries that destinations will never take. Thread-safe. */
public interface DeadLetters {

    /**
     * Stores letters of one lane; they are durable when it returns. An entry can be stored twice, when the hub died between this call and
     * the commit of the lane's cursor: lane, log id and offset tell.
     *
     * @throws DeadLettersFullException when there is no room for them; none was stored
     */
    void append(String lane, List<DeadLetter> letters) throws IOException;

    /** How many letters of this lane are kept. */
    long count(String lane) throws IOException;
}
