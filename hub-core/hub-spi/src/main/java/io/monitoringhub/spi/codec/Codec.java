package io.monitoringhub.spi.codec;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Turns a document of another format into messages of the protocol. Registered as a service with the property {@code hub.type}, which is
 * the name that clients ask for it by; it needs no configuration. Thread-safe; never blocks.
 */
@ConsumerType
public interface Codec {

    /**
     * Turns one document into messages. The same document gives the same bytes, always: what a client sends again is known by that. A
     * document that can't be turned into messages is refused through {@code output}; an exception is a fault of the codec.
     *
     * @param document as the client sent it; not to be changed or kept
     */
    void decode(byte[] document, CodecOutput output);
}
