package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Json;
import io.monitoringhub.command.LogLevels;
import io.monitoringhub.command.LogLevels.Setting;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code hub:log-level}: a function, because no method has a hyphen in its name. Immutable. */
@Component(service = LogLevelCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=log-level"})
public final class LogLevelCommand implements Function {

    private static final Set<String> LEVELS = Set.of("trace", "debug", "info", "warn", "error", "off");

    private final CommandRunner runner;
    private final LogLevels levels;

    @Activate
    public LogLevelCommand(@Reference CommandRunner runner, @Reference LogLevels levels) {
        this.runner = runner;
        this.levels = levels;
    }

    /** Lists, shows, sets, resets. */
    @Override
    public CommandStatus execute(CommandSession session, List<Object> given) throws InterruptedException {
        String[] words = given.stream().map(String::valueOf).toArray(String[]::new);
        return runner.run(session, "log-level", words, arguments -> {
            if (arguments.word(0).isEmpty()) {
                return list(levels.levels());
            }
            String logger = arguments.words().get(0);
            if (arguments.word(1).isEmpty()) {
                return list(List.of(levels.level(logger)));
            }
            String level = arguments.words().get(1).toLowerCase(Locale.ROOT);
            if (level.equals("reset")) {
                levels.reset(logger);
            } else if (LEVELS.contains(level)) {
                levels.set(logger, level);
            } else {
                throw new CommandFailure("there is no level '" + level + "': expected trace, debug, info, warn, error, off or reset");
            }
            Setting now = levels.level(logger);
            return Answer.ok(document(now), now.name() + " says " + now.level() + (now.isChanged() ? " until the hub ends or conf/logback.xml is"
                    + " edited; write it there if it shall last" : ", as configured"));
        });
    }

    private static Answer list(List<Setting> all) {
        TextTable table = new TextTable().column("LOGGER").column("LEVEL").column("FROM");
        all.forEach(level -> table.row(level.name(), level.level(), level.isChanged() ? "changed while the hub runs; not kept"
                : level.configured().isPresent() ? "conf/logback.xml" : "its parent"));
        return Answer.ok(Json.map("loggers", all.stream().map(LogLevelCommand::document).toList()), screen -> screen.table(table));
    }

    private static Map<String, Object> document(Setting level) {
        return Json.map("logger", level.name(), "level", level.level(), "own_level", level.configured(), "changed", level.isChanged());
    }
}
