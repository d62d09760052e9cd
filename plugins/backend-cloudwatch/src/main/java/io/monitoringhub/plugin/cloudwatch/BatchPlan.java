package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.WriteResult.Rejection;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A batch parted into requests: those to one log stream follow each other, and so do those to the metrics.
 *
 * <p>Immutable; has copied all that it keeps of the batch.
 *
 * @param streams the requests to each log stream
 * @param metrics the requests to CloudWatch metrics
 * @param rejected entries that CloudWatch would never take
 */
record BatchPlan(List<List<LogRequest>> streams, List<MetricRequest> metrics, List<Rejection> rejected) {

    /** What a stream's name depends on. */
    private record Sort(String source, MessageType type, long day) { }

    /** @param window the times that CloudWatch takes now */
    static BatchPlan of(Batch batch, CloudwatchSettings settings, TimeWindow window) {
        Map<Sort, LogRequest.Stream> names = new HashMap<>();
        Map<LogRequest.Stream, List<LogEvent>> events = new LinkedHashMap<>();
        List<MetricRequest.Part> parts = new ArrayList<>();
        List<Rejection> rejected = new ArrayList<>();
        MetricMapper mapper = new MetricMapper(settings.metrics());
        for (int i = 0; i < batch.size(); i++) {
            long offset = batch.offset(i);
            long time = batch.timestamp(i);
            if (!settings.isSentOutsideWindow() && !window.holds(time)) {
                rejected.add(new Rejection(offset, window.reason(time), "its time stamp " + time + " is outside of what CloudWatch takes, "
                        + window.oldest() + " to " + window.newest() + ", and outside_window is reject"));
                continue;
            }
            long stamp = window.stamp(time, batch.receivedAt(i));
            MessageType type = batch.type(i);
            if (settings.metricTypes().contains(type)) {
                try {
                    parts.add(mapper.map(batch, i, stamp));
                } catch (MetricMapper.UnfitException unfit) {
                    rejected.add(new Rejection(offset, unfit.reason(), unfit.getMessage()));
                }
                continue;
            }
            try {
                String message = LogMessage.of(batch.message(i), batch.logId(), offset);
                int bytes = message.getBytes(StandardCharsets.UTF_8).length;
                LogRequest.Stream stream = names.computeIfAbsent(new Sort(batch.source(i), type, NamePattern.day(stamp)), sort -> name(settings, sort));
                events.computeIfAbsent(stream, any -> new ArrayList<>()).add(new LogEvent(offset, stamp, message, bytes));
            } catch (CharacterCodingException e) {
                rejected.add(new Rejection(offset, "encoding", "the message is no JSON object in UTF-8"));
            }
        }
        List<List<LogRequest>> streams = new ArrayList<>();
        events.forEach((stream, all) -> streams.add(LogRequest.cut(stream, all, false)));
        return new BatchPlan(streams, MetricRequest.cut(parts), rejected);
    }

    private static LogRequest.Stream name(CloudwatchSettings settings, Sort sort) {
        String type = sort.type().word();
        return new LogRequest.Stream(settings.group().name(sort.source(), type, sort.day()), settings.stream().name(sort.source(), type, sort.day()));
    }
}
