package io.monitoringhub.runtime.commands;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.command.Json;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the routes, and tries them on a message without delivering anything. Thread-safe. */
@Component(service = RouteCommands.class, property = {"osgi.command.scope=hub", "osgi.command.function=routes", "osgi.command.function=route"})
public final class RouteCommands {

    private final CommandRunner runner;
    private final HubEngine engine;
    private final ObjectMapper json = new ObjectMapper();

    @Activate
    public RouteCommands(@Reference CommandRunner runner, @Reference HubComponent hub) {
        this.runner = runner;
        this.engine = hub.engine();
    }

    /** The rules in the order in which they are asked. */
    public CommandStatus routes(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "routes", words, arguments -> {
            List<RouteRule> rules = RouteTable.inOrder(engine.configuration().routes());
            return Answer.ok(Json.map("rules", rules.stream().map(RouteCommands::document).toList()),
                    screen -> rules.forEach(rule -> screen.line(line(rule))));
        });
    }

    /** Says what would become of a message. */
    public CommandStatus route(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "route", words, arguments -> {
            List<RouteRule> matching = matching(arguments.words().get(0));
            List<String> lanes = List.copyOf(RouteTable.lanes(matching));
            return Answer.ok(Json.map("lanes", lanes, "rules", matching.stream().map(RouteCommands::document).toList()), screen -> {
                matching.forEach(rule -> screen.line(line(rule)));
                screen.line(matching.isEmpty() ? "no rule matches: it goes nowhere"
                        : "lanes: " + (lanes.isEmpty() ? "(nowhere)" : String.join(", ", lanes)));
            });
        });
    }

    private List<RouteRule> matching(String message) throws CommandFailure {
        try {
            JsonNode fields = json.readTree(message);
            String source = fields == null ? "" : fields.path("src").asText();
            String word = fields == null ? "" : fields.path("type").asText("event");
            MessageType type = MessageType.of(word).orElseThrow(() -> new CommandFailure("there is no message type '" + word + "'"));
            if (source.isEmpty()) {
                throw new CommandFailure("expected a message as an object with at least src, in single quotes");
            }
            Optional<Level> level = type == MessageType.EVENT ? Level.of(fields.path("data").path("level").asText()) : Optional.empty();
            return RouteTable.of(engine.configuration().routes())
                    .matching(source, type, level, ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)));
        } catch (JsonProcessingException malformed) {
            throw new CommandFailure("this is no JSON: " + malformed.getOriginalMessage());
        } catch (IOException noObject) {
            throw new CommandFailure(noObject.getMessage());
        }
    }

    static Map<String, Object> document(RouteRule rule) {
        RouteMatch match = rule.match();
        return Json.map("rule", rule.label(), "source", match.source(),
                "types", match.types().stream().map(MessageType::word).sorted().toList(), "min_level", match.minLevel().map(Level::word),
                "where", match.where().stream().map(FieldCondition::toString).toList(), "lanes", List.copyOf(rule.to()),
                "goes_on", rule.continues(), "enabled", rule.place().isEnabled(), "default", rule.place().isDefault(),
                "priority", rule.place().priority());
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
        return String.format(Locale.ROOT, "%-10s %-24s %-32s -> %s%s%s", rule.label(), match.source(), conditions,
                rule.to().isEmpty() ? "(nowhere)" : String.join(", ", rule.to()), rule.continues() ? ", and go on" : "",
                notes.isEmpty() ? "" : "   (" + String.join(", ", notes) + ")");
    }
}
