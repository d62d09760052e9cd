package io.monitoringhub.delivery.deadletters;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Keeps entries that destinations would not take. Thread-safe. */
public interface DeadLetters {

    /**
     * Stores letters of one lane; they are durable when it returns. An entry can be stored twice, when the hub died between this call and
     * the commit of the lane's cursor: lane and id tell.
     *
     * @throws DeadLettersFullException when there is no room for them; none was stored
     */
    void append(String lane, List<DeadLetter> letters) throws IOException;

    /** How many letters of this lane are kept. */
    long count(String lane) throws IOException;

    /** The names of the parts that a lane's letters are kept in, oldest first; each fits into memory. */
    List<String> parts(String lane) throws IOException;

    /** The letters of a part, oldest first; none where it is gone. What can't be read as a letter is left out, and kept. */
    List<DeadLetter> read(String lane, String part) throws IOException;

    /**
     * Removes letters from a part; after a crash all of them are gone, or none.
     *
     * @return how many were removed
     */
    int remove(String lane, String part, Set<DeadLetter.Id> ids) throws IOException;
}
