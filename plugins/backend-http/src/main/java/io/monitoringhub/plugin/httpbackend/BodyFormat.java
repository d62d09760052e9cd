package io.monitoringhub.plugin.httpbackend;

import java.util.List;

/**
 * How entries make a body. Immutable.
 *
 * @param prefix before the first entry; with placeholders
 * @param separator between two
 * @param suffix behind the last; with placeholders
 * @param contentType of the body
 */
record BodyFormat(String prefix, String separator, String suffix, String contentType) {

    private static final String JSON = "application/json";

    static BodyFormat of(HttpBackendConfig config, boolean isHub, List<String> problems) {
        String name = HttpBackendSettings.text("format", config::format, problems);
        String prefix = HttpBackendSettings.text("body_prefix", config::body__prefix, problems);
        String separator = HttpBackendSettings.text("body_separator", config::body__separator, problems);
        String suffix = HttpBackendSettings.text("body_suffix", config::body__suffix, problems);
        boolean isTold = !prefix.isEmpty() || !separator.isEmpty() || !suffix.isEmpty();
        if (isTold && !name.equals("template")) {
            problems.add("body_prefix, body_separator and body_suffix: expected 'format: template' beside them");
        } else if (isHub && name.equals("template")) {
            problems.add("format 'template': expected ldjson, array or events for a hub");
        } else if (name.equals("template") && separator.isEmpty()) {
            problems.add("body_separator: expected what stands between two entries, such as \"\\n\" or \",\", with 'format: template'");
        }
        String type = HttpBackendSettings.text("content_type", config::content__type, problems);
        if (!type.matches("[ -~]*") || isHub && !type.isEmpty()) {
            problems.add("content_type '" + type + "': expected " + (isHub ? "none for a hub: its format says it" : "a media type"));
        }
        BodyFormat format = switch (name) {
            case "ldjson" -> new BodyFormat("", "\n", "\n", "application/x-ndjson");
            case "array" -> new BodyFormat("[", ",", "]", JSON);
            case "events" -> new BodyFormat("{\"events\":[", ",", "]}", JSON);
            case "template" -> new BodyFormat(prefix, separator, suffix, JSON);
            default -> {
                problems.add("format '" + name + "': expected ldjson, array, events or template");
                yield new BodyFormat("", "", "", "");
            }
        };
        return type.isEmpty() ? format : new BodyFormat(format.prefix(), format.separator(), format.suffix(), type);
    }
}
