package io.monitoringhub.runtime.surface;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.monitoringhub.runtime.surface.ComponentReport.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Reports as JSON: the worst verdict, then each component. Has no state. */
final class HealthJson {

    private static final JsonFactory JSON = new JsonFactory();

    private HealthJson() {
    }

    static Verdict worst(List<ComponentReport> reports) {
        return reports.stream().map(ComponentReport::verdict).max(Comparator.naturalOrder()).orElse(Verdict.OK);
    }

    static void write(OutputStream target, List<ComponentReport> reports) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(target)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeStringField("status", word(worst(reports)));
            json.writeArrayFieldStart("components");
            for (ComponentReport report : reports) {
                json.writeStartObject();
                json.writeStringField("component", report.component());
                json.writeStringField("status", word(report.verdict()));
                json.writeStringField("state", report.state());
                if (!report.reason().isEmpty()) {
                    json.writeStringField("reason", report.reason());
                }
                json.writeStringField("since", report.since().truncatedTo(ChronoUnit.MILLIS).toString());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static String word(Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT);
    }
}
