package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.plugin.elasticsearch.MessageFields.Field;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import java.io.IOException;
import java.time.Instant;

/**
 * Turns entries into documents with the field names of the Elastic Common Schema. Everything that a client decides ends up in a field that
 * takes any text, or is checked here: no document is refused for what it holds.
 *
 * <p>Used by one thread at a time.
 */
final class Documents {

    static final String ECS_VERSION = "8.11.0";

    private static final int LONGEST = 64 << 10;
    /** The last moment whose year has four digits. Dates beyond are more than what servers print and read. */
    private static final long LAST_DATE = 253_402_300_799_999L;
    private static final double NANOS_PER_MS = 1e6;

    private final MessageFields fields = new MessageFields();
    private byte[] message = new byte[LONGEST];

    /** Appends the document of an entry. @throws IOException when the message is no JSON object, which the hub would not have taken */
    void write(Batch batch, int index, JsonText json) throws IOException {
        int length = batch.length(index);
        if (length > message.length) {
            message = new byte[length];
        }
        batch.message(index).get(message, 0, length);
        fields.read(message, length);
        MessageType type = batch.type(index);
        long sent = batch.timestamp(index);
        json.raw("{\"@timestamp\":\"").raw(date(sent <= LAST_DATE ? sent : batch.receivedAt(index))).raw('"');
        new JsonObject(json, "ecs").text("version", ECS_VERSION).end();
        writeEvent(batch, index, json, length);
        new JsonObject(json, "hub").text("log", batch.logId()).end();
        new JsonObject(json, "service").text("name", batch.source(index)).end();
        new JsonObject(json, "log").text("level", batch.level(index).map(Level::word).orElse(null)).end();
        new JsonObject(json, "trace").text("id", fields.text(Field.TID)).end();
        new JsonObject(json, "parent").text("id", fields.text(Field.PID)).end();
        writeSpan(type, json);
        switch (type) {
            case EVENT -> json.member("message", fields.text(Field.MSG));
            case METRIC -> new JsonObject(json, "metric").text("name", fields.text(Field.NAME)).number("value", fields.number(Field.VALUE))
                    .text("unit", fields.text(Field.UNIT)).end();
            case PROGRESS -> new JsonObject(json, "progress").text("job_id", fields.text(Field.JOB_ID))
                    .number("percent", fields.number(Field.PERCENT)).text("status", fields.text(Field.STATUS)).end();
            case RESOURCE -> new JsonObject(json, "resource").number("cpu", fields.number(Field.CPU)).number("mem", fields.number(Field.MEM))
                    .number("disk", fields.number(Field.DISK)).number("net", fields.number(Field.NET)).end();
            case SPAN, HEARTBEAT, GOODBYE -> { }
        }
        fields.labels().write(json);
        json.raw('}');
    }

    private void writeEvent(Batch batch, int index, JsonText json, int length) {
        MessageType type = batch.type(index);
        JsonObject event = new JsonObject(json, "event");
        event.text("kind", type == MessageType.METRIC || type == MessageType.RESOURCE ? "metric" : "event").text("module", "hub")
                .text("dataset", "hub." + type.word()).text("created", date(batch.receivedAt(index))).whole("sequence", batch.offset(index));
        if (type == MessageType.SPAN) {
            double start = moment(Field.START);
            double end = moment(Field.END);
            if (!Double.isNaN(start)) {
                event.text("start", date((long) start));
            }
            if (!Double.isNaN(end)) {
                event.text("end", date((long) end));
            }
            double duration = (end - start) * NANOS_PER_MS;
            if (duration >= 0 && duration < Long.MAX_VALUE) {
                event.whole("duration", (long) duration);
            }
        }
        event.text("original", message, length).end();
    }

    private void writeSpan(MessageType type, JsonText json) {
        JsonObject span = new JsonObject(json, "span").text("id", fields.text(Field.SID));
        if (type == MessageType.SPAN) {
            span.text("name", fields.text(Field.NAME)).text("status", fields.text(Field.STATUS));
        }
        span.end();
    }

    /** A time that a span names; the message that closes one may say 0 for its start. */
    private double moment(Field field) {
        double millis = fields.number(field);
        return millis > 0 && millis <= LAST_DATE ? millis : Double.NaN;
    }

    private static String date(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
