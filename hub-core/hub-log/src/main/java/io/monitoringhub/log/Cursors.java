package io.monitoringhub.log;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The log's cursors. A cursor holds back retention up to the disk budget until it is dropped. Thread-safe. */
public interface Cursors {

    /**
     * The cursor of this name. One that does not exist yet is stored at {@code initial} first; one whose stored position was lost stands at
     * the log's start, so that nothing is left out. The same object for the same name.
     */
    Cursor open(String name, long initial) throws IOException;

    /** The cursor of this name, if it exists. */
    Optional<Cursor> find(String name);

    /** All cursors, sorted by name. */
    List<Cursor> all();

    /** Forgets a cursor for good. */
    void drop(String name) throws IOException;
}
