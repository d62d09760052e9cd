package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Setting;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.List;
import java.util.Optional;

/** The keys of one rule in {@code routes}: which there are, and the JSON Schema; what they mean together is checked where routes are read. Immutable. */
record RouteKeys(
        @Setting(says = "Glob for the whole source name: * any characters, ? one. Needed but for a default rule.") Optional<String> source,
        @Setting(says = "Types of messages; left out: all.") List<MessageType> types,
        @Setting(says = "Events of this level or graver; anything that is not an event does not match.") Optional<Level> level,
        @Setting(says = "Conditions on fields of the message; all must hold.") Object where,
        @Setting(says = "Names of backends, or variants of them; left out: nowhere.") Object to,
        @Setting(says = "all: each of them gets the entries. failover: the first in the list that is healthy does.", standard = "all") Mode mode,
        @Setting(says = "Whether the rules below are tried, too.", standard = "false", key = "continue") boolean goesOn,
        @Setting(says = "Tried after all others, and only for entries that none of those matched.", standard = "false", key = "default")
        boolean isDefault,
        @Setting(says = "Rules with a higher one are tried before all with a lower one.", standard = "0", least = "-9999", most = "9999") int priority,
        @Setting(says = "Whether it matches anything.", standard = "true") boolean enabled) {

    /** Who gets the entries. */
    enum Mode { ALL, FAILOVER }
}
