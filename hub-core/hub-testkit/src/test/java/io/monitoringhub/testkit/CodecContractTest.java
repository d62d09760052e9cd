package io.monitoringhub.testkit;

import io.monitoringhub.spi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The suite holds for the simplest codec there is: a word becomes an event. */
class CodecContractTest extends CodecContract {

    @Override
    protected Codec newCodec() {
        return (document, output) -> {
            String word = new String(document, StandardCharsets.UTF_8);
            if (word.matches("[a-z]+")) {
                output.item(Optional.of(word), List.of(TestMessage.event(word, 0, word).body()));
            } else {
                output.refuse("malformed", "expected a word of small letters");
            }
        };
    }

    @Override
    protected List<String> goodDocuments() {
        return List.of("started", "done");
    }

    @Override
    protected List<String> badDocuments() {
        return List.of("", "Two words", "42");
    }
}
