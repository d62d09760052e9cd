package io.monitoringhub.spi.codec;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Takes what a {@link Codec} makes of one document, in its order: a transport implements it. Used by one thread at a time. */
@ConsumerType
public interface CodecOutput {

    /**
     * Takes the messages of one item.
     *
     * @param key what names the item for ever, if the client gave it such a name: an item that came before under the same key is not
     *        stored twice
     * @param messages one JSON object each, without a newline
     */
    void item(Optional<String> key, List<byte[]> messages);

    /**
     * An item, or the whole document, is none.
     *
     * @param code for programs, of the kind that the protocol has: {@code malformed}, {@code missing_field}, {@code invalid_field}
     * @param reason for people, what was expected included
     */
    void refuse(String code, String reason);
}
