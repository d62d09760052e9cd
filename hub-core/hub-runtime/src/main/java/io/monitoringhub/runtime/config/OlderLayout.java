package io.monitoringhub.runtime.config;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Recognises a file of the older sidecar, so that its keys are not called unknown one by one. */
final class OlderLayout {

    private OlderLayout() {
    }

    /** What to do with such a file; empty if it is none. */
    static Optional<String> advice(Path file, SettingsTree tree) {
        Set<String> names = tree.names();
        boolean isOlder = names.contains("routing") || names.contains("buffers") || names.contains("tcp") && !names.contains("transports")
                || backends(tree).stream().anyMatch(backend -> backend instanceof Map<?, ?> map && map.containsKey("config"));
        return isOlder ? Optional.of("this is a file in the layout of the older sidecar. Convert it: bin/hub convert " + file + " -o hub.yaml")
                : Optional.empty();
    }

    private static Collection<Object> backends(SettingsTree tree) {
        Object backends = tree.value("backends").orElse(null);
        return backends instanceof List<?> list ? List.copyOf(list) : tree.section("backends").values();
    }
}
