package io.monitoringhub.runtime.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.correlation.text.TerminalText;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;

/**
 * Writes an entry as one line for people: time (UTC), source, level or type, and what it says. Whatever an application sends, nothing in it
 * controls the terminal. Immutable.
 */
public final class EntryText {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int SOURCE_COLUMNS = 16;
    private static final int KIND_COLUMNS = 8;
    private static final long LATEST = 100_000_000_000_000L;
    private static final String RED = "\u001b[31m";
    private static final String YELLOW = "\u001b[33m";
    private static final String FAINT = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    private final ObjectMapper json = new ObjectMapper();
    private final TerminalText text = new TerminalText(false);
    private final int width;
    private final boolean isColoured;

    /**
     * @param width columns of the terminal; 0 cuts nothing
     * @param isColoured whether grave events stand out
     */
    public EntryText(int width, boolean isColoured) {
        this.width = width;
        this.isColoured = isColoured;
    }

    /** One line, without its end. */
    public String line(LogEntry entry) {
        String kind = entry.level().map(Level::word).orElse(entry.type().word());
        String line = TIME.format(Instant.ofEpochMilli(Math.min(entry.time(), LATEST))) + " " + text.fit(text.clean(entry.source()), SOURCE_COLUMNS)
                + " " + text.fit(kind, KIND_COLUMNS) + " " + text.clean(said(entry));
        String fitting = (width > 0 ? text.fit(line, width) : line).stripTrailing();
        String colour = isColoured ? entry.level().map(EntryText::colour).orElse("") : "";
        return colour.isEmpty() ? fitting : colour + fitting + PLAIN;
    }

    /** The message itself; characters that a terminal could take for orders are escaped, which to JSON is the same. */
    public String json(LogEntry entry) {
        StringBuilder line = new StringBuilder(entry.message().length());
        entry.message().codePoints().forEach(character -> {
            if (character < 0x7F || text.isPlain(character)) {
                line.appendCodePoint(character < ' ' ? ' ' : character);
            } else {
                for (char half : Character.toChars(character)) {
                    line.append(String.format(Locale.ROOT, "\\u%04x", (int) half));
                }
            }
        });
        return line.toString();
    }

    private static String colour(Level level) {
        return switch (level) {
            case ERROR, FATAL -> RED;
            case WARN -> YELLOW;
            case DEBUG -> FAINT;
            case INFO -> "";
        };
    }

    private String said(LogEntry entry) {
        JsonNode message;
        try {
            message = json.readTree(entry.message());
        } catch (JsonProcessingException odd) {
            // what only the hub's own reader takes, as a number of a thousand digits
            return entry.message();
        }
        JsonNode data = message.path("data");
        String trace = message.path("tid").asText("");
        return switch (entry.type()) {
            case EVENT -> data.path("msg").asText() + pairs(data.path("ctx"));
            case METRIC -> (data.path("name").asText() + " = " + data.path("value").asText() + " " + data.path("unit").asText("")).strip()
                    + pairs(data.path("tags"));
            case PROGRESS -> data.path("job_id").asText() + " " + data.path("percent").asText() + " % " + data.path("status").asText("");
            case SPAN -> span(data) + pairs(data.path("tags")) + (trace.isEmpty() ? "" : "  " + trace + "/" + message.path("sid").asText());
            case RESOURCE -> pairs(data).strip();
            case HEARTBEAT, GOODBYE -> "";
        };
    }

    private static String span(JsonNode data) {
        String name = data.path("name").asText();
        if (data.path("end").asDouble() == 0) {
            return "begins: " + name;
        }
        String took = data.path("start").asDouble() == 0 ? "" : " " + (data.path("end").asLong() - data.path("start").asLong()) + " ms";
        return (data.path("merged").asBoolean() ? "whole: " : "ends: ") + name + took + " " + data.path("status").asText("");
    }

    private static String pairs(JsonNode object) {
        StringBuilder pairs = new StringBuilder();
        for (Iterator<Map.Entry<String, JsonNode>> fields = object.fields(); fields.hasNext();) {
            Map.Entry<String, JsonNode> field = fields.next();
            JsonNode value = field.getValue();
            pairs.append("  ").append(field.getKey()).append('=').append(value.isValueNode() ? value.asText() : value.toString());
        }
        return pairs.toString();
    }
}
