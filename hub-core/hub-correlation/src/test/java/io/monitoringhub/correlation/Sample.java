package io.monitoringhub.correlation;

import io.monitoringhub.entries.ChunkBuilder;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A message as a test writes it, with what ingest would note in the chunk's index. */
record Sample(MessageType type, String source, long time, Level level, boolean traced, String json) {

    private static final String FORM = "{\"v\":1,\"src\":\"%s\",\"ts\":%d,\"type\":\"%s\"%s,\"data\":%s}";

    static Sample opens(String source, long time, String trace, String span, String parent, String name) {
        return span(source, time, trace, span, parent, "{\"name\":\"" + name + "\",\"start\":" + time + ",\"end\":null,\"status\":\"\"}");
    }

    static Sample closes(String source, long time, String trace, String span, String status) {
        return span(source, time, trace, span, "",
                "{\"name\":\"\",\"start\":0,\"end\":" + time + ",\"status\":\"" + status + "\",\"tags\":{\"rows\":7}}");
    }

    static Sample span(String source, long time, String trace, String span, String parent, String data) {
        return of(MessageType.SPAN, source, time, null, field("tid", trace) + field("sid", span) + field("pid", parent), data);
    }

    static Sample event(String source, long time, String trace, Level level) {
        return of(MessageType.EVENT, source, time, level, field("tid", trace),
                "{\"level\":\"" + level.word() + "\",\"msg\":\"it happened\",\"ctx\":{}}");
    }

    static Sample metric(String source, long time, String trace) {
        return of(MessageType.METRIC, source, time, null, field("tid", trace), "{\"name\":\"n\",\"value\":1.5,\"unit\":\"ms\",\"tags\":{}}");
    }

    static Sample progress(String source, long time, String trace, String job, double percent, String status) {
        return of(MessageType.PROGRESS, source, time, null, field("tid", trace),
                "{\"job_id\":\"" + job + "\",\"percent\":" + percent + ",\"status\":\"" + status + "\"}");
    }

    private static Sample of(MessageType type, String source, long time, Level level, String ids, String data) {
        return new Sample(type, source, time, level, ids.contains("tid"), String.format(FORM, source, time, type.word(), ids, data));
    }

    private static String field(String name, String value) {
        return value.isEmpty() ? "" : ",\"" + name + "\":\"" + value + "\"";
    }

    byte[] bytes() {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    /** Puts the message into a table as the correlator does. */
    void into(CorrelationTable table) {
        MessageFields fields = new MessageFields();
        try {
            switch (type) {
                case SPAN -> {
                    if (fields.readSpan(bytes(), bytes().length)) {
                        table.span(fields, source, time);
                    }
                }
                case PROGRESS -> {
                    if (fields.readProgress(bytes(), bytes().length, traced)) {
                        table.progress(fields, source, time);
                    }
                }
                case EVENT -> table.event(new TraceIds(fields).of(bytes(), bytes().length), source, time, level);
                default -> table.metric(new TraceIds(fields).of(bytes(), bytes().length), source, time);
            }
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    /** Appends the messages as one frame. */
    static void append(FakeLog log, List<Sample> messages) {
        ChunkBuilder builder = new ChunkBuilder();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Sample message : messages) {
            int from = bytes.size();
            bytes.writeBytes(message.bytes());
            int level = message.level == null ? -1 : message.level.ordinal();
            builder.add(from, bytes.size(), message.source, message.type, level, message.time, message.traced, false);
            bytes.write('\n');
        }
        log.add(builder, bytes.toByteArray());
    }
}
