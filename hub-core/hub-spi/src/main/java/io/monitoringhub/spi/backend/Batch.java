package io.monitoringhub.spi.backend;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Entries in the order of their offsets, as two views of the same memory: one by one, and as contiguous runs of LDJSON.
 *
 * <p>Indices run from 0 to {@code size() - 1}; another index throws {@link IndexOutOfBoundsException}. Nothing is created per entry
 * unless asked for. Offsets rise but may have gaps: the lane's route leaves entries out.
 *
 * <p>Used by one thread at a time; the memory is valid until the call that received the batch returns. Copy what must live longer.
 */
@ProviderType
public interface Batch {

    /** The identity of the log that {@link #offset} refers to. */
    String logId();

    /** How many entries, at least 1. */
    int size();

    /** The sum of all messages' lengths in bytes, each with its newline. */
    long bytes();

    /** 1 for the first attempt to write this batch, then rising. */
    int attempt();

    /** The entry's offset in the log. */
    long offset(int index);

    /** Who sent it. Equal sources that follow each other are mostly the same object. */
    String source(int index);

    /** What it is. */
    MessageType type(int index);

    /** The level of an event; empty for other types. */
    Optional<Level> level(int index);

    /** The sender's time stamp in Unix milliseconds; can be far off. */
    long timestamp(int index);

    /** When the hub took it in, in Unix milliseconds; does not fall from one entry to the next but for changes of the system's clock. */
    long receivedAt(int index);

    /** The message's own bytes, without the newline: a read-only view. */
    ByteBuffer message(int index);

    /** The message's length in bytes, without the newline. */
    int length(int index);

    /**
     * Passes the messages from index {@code from} to below {@code to} as LDJSON, each ended by one newline, in as few buffers as the
     * memory allows.
     *
     * @param sink takes read-only views, in order
     */
    void lines(int from, int to, Consumer<? super ByteBuffer> sink);

    /** All messages as LDJSON; see {@link #lines(int, int, Consumer)}. */
    default void lines(Consumer<? super ByteBuffer> sink) {
        lines(0, size(), sink);
    }
}
