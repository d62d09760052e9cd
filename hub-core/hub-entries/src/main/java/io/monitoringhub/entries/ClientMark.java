package io.monitoringhub.entries;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Which lines of an acknowledged session are settled once the chunk that carries the mark is durable.
 *
 * @param client the client's id
 * @param lastNumber all its lines up to this number are settled
 */
public record ClientMark(UUID client, long lastNumber) {

    static ClientMark at(ByteBuffer bytes, int position) {
        return new ClientMark(new UUID(bytes.getLong(position), bytes.getLong(position + 8)), bytes.getLong(position + 16));
    }
}
