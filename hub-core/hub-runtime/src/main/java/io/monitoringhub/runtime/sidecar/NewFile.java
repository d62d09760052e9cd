package io.monitoringhub.runtime.sidecar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The {@code hub.yaml} that is being made. Used by one thread at a time. */
final class NewFile {

    /** The keys of the transport tcp, as they are written. */
    private final Map<String, String> tcp = new LinkedHashMap<>();
    private final List<Backend> backends = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private boolean listens = true;

    /** A backend: its settings as they are written. */
    record Backend(String name, String type, boolean isEnabled, Map<String, String> settings) {
    }

    /** A rule: its keys as they are written. */
    record Rule(Map<String, String> keys) {
    }

    Map<String, String> tcp() {
        return tcp;
    }

    void doesNotListen() {
        listens = false;
    }

    List<Backend> backends() {
        return backends;
    }

    List<Rule> rules() {
        return rules;
    }

    String text(String from, List<String> lost) {
        StringBuilder text = new StringBuilder("# Made of " + from.replace('\n', ' ') + " by 'hub convert'.\n");
        if (!lost.isEmpty()) {
            text.append("#\n# What that file said and this one does not:\n");
            lost.forEach(line -> text.append("#   ").append(line.replace('\n', ' ')).append('\n'));
        }
        if (!listens) {
            text.append("\ntransports: {}\n");
        } else if (!tcp.isEmpty()) {
            text.append("\n# Where messages come in.\ntransports:\n  tcp: ").append(flow(tcp)).append('\n');
        }
        if (!backends.isEmpty()) {
            text.append("\n# Where they go. Relative paths start in the hub's data folder.\nbackends:\n");
            backends.forEach(backend -> append(text, backend));
        }
        if (!rules.isEmpty()) {
            text.append("\n# Who goes where: asked from top to bottom; the first that matches decides, unless it continues.\nroutes:\n");
            rules.forEach(rule -> text.append("  - ").append(flow(rule.keys())).append('\n'));
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Backend backend) {
        String start = backend.isEnabled() ? "  " : "# ";
        if (!backend.isEnabled()) {
            text.append("# It was off:\n");
        }
        text.append(start).append(backend.name()).append(":\n");
        text.append(start).append("  type: ").append(backend.type()).append('\n');
        backend.settings().forEach((key, value) -> text.append(start).append("  ").append(key).append(": ").append(value).append('\n'));
    }

    private static String flow(Map<String, String> keys) {
        return keys.entrySet().stream().map(entry -> entry.getKey() + ": " + entry.getValue()).collect(Collectors.joining(", ", "{ ", " }"));
    }
}
