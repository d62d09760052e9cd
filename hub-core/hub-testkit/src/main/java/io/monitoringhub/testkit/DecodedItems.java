package io.monitoringhub.testkit;

import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.codec.CodecOutput;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a codec made of one document. Immutable. @param items in their order @param refusals code and reason of each */
public record DecodedItems(List<Item> items, List<String> refusals) {

    /** One item. @param key its name, if it has one @param messages as text */
    public record Item(Optional<String> key, List<String> messages) { }

    /** Decodes a document. */
    public static DecodedItems of(Codec codec, byte[] document) {
        List<Item> items = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        codec.decode(document, new CodecOutput() {
            @Override
            public void item(Optional<String> key, List<byte[]> messages) {
                items.add(new Item(key, messages.stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList()));
            }

            @Override
            public void refuse(String code, String reason) {
                refusals.add(code + ": " + reason);
            }
        });
        return new DecodedItems(List.copyOf(items), List.copyOf(refusals));
    }
}
