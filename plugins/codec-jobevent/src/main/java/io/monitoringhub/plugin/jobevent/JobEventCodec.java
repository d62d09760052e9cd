package io.monitoringhub.plugin.jobevent;

import io.monitoringhub.spi.codec.Codec;
import io.monitoringhub.spi.codec.CodecOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Turns an event of the older job format into messages: a job is a span, its progress and its metrics. Thread-safe. */
@Component(service = Codec.class, property = "hub.type=jobevent")
public final class JobEventCodec implements Codec {

    private final JsonTree json = new JsonTree();

    @Override
    public void decode(byte[] document, CodecOutput output) {
        Object tree;
        try {
            tree = json.read(document);
        } catch (IOException bad) {
            output.refuse("malformed", "expected one JSON object with each name once: " + firstLine(bad));
            return;
        }
        if (!(tree instanceof Map<?, ?> members)) {
            output.refuse("not_object", "expected a JSON object with 'entity' and 'event'");
            return;
        }
        try {
            JobEvent event = new JobEvent(members);
            List<byte[]> messages = new ArrayList<>();
            for (Map<String, Object> message : new JobMessages(event).all()) {
                messages.add(json.write(message));
            }
            output.item(event.key(), messages);
        } catch (BadEventException bad) {
            output.refuse(bad.code(), bad.getMessage());
        }
    }

    private static String firstLine(IOException failure) {
        return Optional.ofNullable(failure.getMessage()).map(text -> text.split("\n", 2)[0]).orElse("unreadable");
    }
}
