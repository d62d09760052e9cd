package io.monitoringhub.runtime.commands;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.delivery.routing.FieldCondition;
import io.monitoringhub.delivery.routing.RouteMatch;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.shell.CommandStatus;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the routes, and tries them on a message without delivering anything. Thread-safe. */
@Component(service = RouteCommands.class, property = {"osgi.command.scope=hub", "osgi.command.function=routes", "osgi.command.function=route"})
public final class RouteCommands {

    private static final CommandStatus OK = new CommandStatus(0);
    private static final CommandStatus FAILED = new CommandStatus(1);

    private final HubEngine engine;
    private final ObjectMapper json = new ObjectMapper();

    @Activate
    public RouteCommands(@Reference HubComponent hub) {
        this.engine = hub.engine();
    }

    /** The rules in the order in which they are asked. */
    @Descriptor("which entries go to which lanes; the rules in the order in which they are asked")
    public void routes() {
        RouteTable.inOrder(engine.configuration().routes()).forEach(rule -> System.out.println(line(rule)));
    }

    /** Says what would become of a message. */
    @Descriptor("tries the routes on a message and delivers nothing: which rules decide, which lanes get it")
    public CommandStatus route(@Descriptor("the message in single quotes: '{\"src\":\"queue-service\",\"type\":\"event\",\"data\":{\"level\":\"error\"}}'")
            String message) {
        try {
            JsonNode fields = json.readTree(message);
            String source = fields == null ? "" : fields.path("src").asText();
            String word = fields == null ? "" : fields.path("type").asText("event");
            Optional<MessageType> type = MessageType.of(word);
            if (source.isEmpty() || type.isEmpty()) {
                System.out.println(source.isEmpty() ? "expected a message as an object with at least src, in single quotes"
                        : "there is no message type '" + word + "'");
                return FAILED;
            }
            Optional<Level> level = type.get() == MessageType.EVENT ? Level.of(fields.path("data").path("level").asText()) : Optional.empty();
            List<RouteRule> matching = RouteTable.of(engine.configuration().routes())
                    .matching(source, type.get(), level, ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)));
            matching.forEach(rule -> System.out.println(line(rule)));
            String lanes = String.join(", ", RouteTable.lanes(matching));
            System.out.println(matching.isEmpty() ? "no rule matches: it goes nowhere" : "lanes: " + (lanes.isEmpty() ? "(nowhere)" : lanes));
            return OK;
        } catch (JsonProcessingException malformed) {
            System.out.println("this is no JSON: " + malformed.getOriginalMessage());
            return FAILED;
        } catch (IOException noObject) {
            System.out.println(noObject.getMessage());
            return FAILED;
        }
    }

    private static String line(RouteRule rule) {
        RouteMatch match = rule.match();
        StringJoiner conditions = new StringJoiner("; ");
        conditions.add(match.types().isEmpty() ? "all types"
                : match.types().stream().map(type -> type.word()).sorted().collect(Collectors.joining(", ")));
        match.minLevel().ifPresent(level -> conditions.add("from level " + level.word()));
        if (!match.where().isEmpty()) {
            conditions.add(match.where().stream().map(FieldCondition::toString).collect(Collectors.joining(" and ")));
        }
        List<String> notes = new ArrayList<>();
        if (!rule.place().isEnabled()) {
            notes.add("OFF");
        }
        if (rule.place().isDefault()) {
            notes.add("default");
        }
        if (rule.place().priority() != 0) {
            notes.add("priority " + rule.place().priority());
        }
        return String.format("%-10s %-24s %-32s -> %s%s%s", rule.label(), match.source(), conditions,
                rule.to().isEmpty() ? "(nowhere)" : String.join(", ", rule.to()), rule.continues() ? ", and go on" : "",
                notes.isEmpty() ? "" : "   (" + String.join(", ", notes) + ")");
    }
}
