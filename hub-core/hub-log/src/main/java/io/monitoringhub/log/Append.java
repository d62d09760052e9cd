package io.monitoringhub.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A frame on its way into the log. Exactly one of the two callbacks is called, once, on the log's thread; neither may block. */
public interface Append {

    /** The frame's payload from position to limit, at least one byte; must not change until a callback came. */
    ByteBuffer payload();

    /** How many entries the frame holds, at least 1. */
    int count();

    /**
     * The frame satisfies the log's durability.
     *
     * @param baseOffset the offset of its first entry
     */
    void durable(long baseOffset);

    /** The frame is not in the log and never will be. */
    void failed(IOException cause);
}
