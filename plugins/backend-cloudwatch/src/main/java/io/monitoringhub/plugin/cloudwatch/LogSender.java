package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult.Rejection;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.RejectedLogEventsInfo;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/**
 * Sends requests to log streams one after the other, creates what is missing, and deals with events whose times CloudWatch refuses.
 *
 * <p>Thread-safe.
 */
final class LogSender {

    private final CloudWatchLogsClient client;
    private final CloudwatchSettings settings;
    private final Failures failures;
    private final Clock clock;

    LogSender(CloudWatchLogsClient client, CloudwatchSettings settings, Failures failures, Clock clock) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.clock = clock;
    }

    /** Sends requests to one stream in their order, until one fails. */
    void send(List<LogRequest> requests, Progress progress) {
        Deque<LogRequest> left = new ArrayDeque<>(requests);
        while (!left.isEmpty() && !progress.isOver()) {
            LogRequest request = left.remove();
            try {
                PutLogEventsResponse response = put(request);
                Accepted accepted = Accepted.of(request, response.rejectedLogEventsInfo());
                progress.accepted(request.events().subList(accepted.from(), accepted.to()).stream().map(LogEvent::offset).toList());
                refused(request, accepted, serverTime(response), progress).forEach(left::addFirst);
            } catch (DeliveryException failure) {
                progress.failed(failure);
                return;
            }
        }
    }

    private PutLogEventsResponse put(LogRequest request) throws DeliveryException {
        LogRequest.Stream stream = request.stream();
        String attempted = "cannot put " + request.events().size() + " events into log stream '" + stream.name() + "' of log group '" + stream.group() + "'";
        PutLogEventsRequest put = PutLogEventsRequest.builder().logGroupName(stream.group()).logStreamName(stream.name())
                .logEvents(request.events().stream().map(each -> InputLogEvent.builder().timestamp(each.time()).message(each.message()).build()).toList())
                .build();
        try {
            try {
                return client.putLogEvents(put);
            } catch (ResourceNotFoundException missing) {
                if (!settings.create()) {
                    throw missing;
                }
            }
            create(stream);
            return afterCreation(put, attempted);
        } catch (SdkException failure) {
            throw failures.of(attempted, failure);
        }
    }

    /** What was created is not known everywhere at once. */
    private PutLogEventsResponse afterCreation(PutLogEventsRequest put, String attempted) throws TransientDeliveryException {
        try {
            return client.putLogEvents(put);
        } catch (ResourceNotFoundException notYet) {
            throw new TransientDeliveryException("unavailable: " + attempted + ": created, and not there yet", notYet);
        }
    }

    /** A group that is there already keeps the retention that it has. */
    private void create(LogRequest.Stream stream) throws DeliveryException {
        String attempted = "cannot create log stream '" + stream.name() + "' of log group '" + stream.group() + "'";
        try {
            try {
                createStream(stream);
            } catch (ResourceNotFoundException noGroup) {
                attempted = "cannot create log group '" + stream.group() + "'";
                createGroup(stream.group());
                createStream(stream);
            }
        } catch (SdkException failure) {
            throw failures.of(attempted, failure);
        }
    }

    private void createStream(LogRequest.Stream stream) {
        try {
            client.createLogStream(to -> to.logGroupName(stream.group()).logStreamName(stream.name()));
        } catch (ResourceAlreadyExistsException other) {
            // Somebody was quicker: what was wanted is there.
            return;
        }
    }

    private void createGroup(String group) throws DeliveryException {
        try {
            client.createLogGroup(to -> to.logGroupName(group));
        } catch (ResourceAlreadyExistsException other) {
            // Somebody was quicker, and has chosen its retention.
            return;
        }
        if (settings.retentionDays() > 0) {
            try {
                client.putRetentionPolicy(to -> to.logGroupName(group).retentionInDays(settings.retentionDays()));
            } catch (SdkException failure) {
                throw failures.of("created log group '" + group + "', and cannot set its retention to " + settings.retentionDays()
                        + " days, which is now for a person to do", failure);
            }
        }
    }

    /**
     * CloudWatch's clock or the group's retention is not what was thought: sends once more, with CloudWatch's own time, or rejects.
     *
     * @return what to send instead
     */
    private List<LogRequest> refused(LogRequest request, Accepted accepted, long serverTime, Progress progress) {
        List<LogEvent> events = request.events();
        List<LogEvent> old = events.subList(0, accepted.from());
        List<LogEvent> early = events.subList(accepted.to(), events.size());
        if (settings.isSentOutsideWindow() && !request.isRestamped()) {
            return LogRequest.cut(request.stream(), Stream.concat(old.stream(), early.stream()).map(each -> each.at(serverTime)).toList(), true);
        }
        List<Rejection> rejections = new ArrayList<>();
        old.forEach(each -> rejections.add(new Rejection(each.offset(), "too_old", "CloudWatch Logs does not take the time " + each.time()
                + ": it is older than 14 days or than the retention of log group '" + request.stream().group() + "'")));
        early.forEach(each -> rejections.add(new Rejection(each.offset(), "too_new", "CloudWatch Logs does not take the time " + each.time()
                + ": it is more than 2 hours ahead")));
        progress.rejected(rejections);
        return List.of();
    }

    /** The events of a request that CloudWatch has taken: it refuses old ones at the beginning, and those of the future at the end. */
    private record Accepted(int from, int to) {

        static Accepted of(LogRequest request, RejectedLogEventsInfo refused) {
            int size = request.events().size();
            if (refused == null) {
                return new Accepted(0, size);
            }
            int from = Math.max(index(refused.tooOldLogEventEndIndex(), 0), index(refused.expiredLogEventEndIndex(), 0));
            int to = index(refused.tooNewLogEventStartIndex(), size);
            return new Accepted(Math.min(from, size), Math.max(Math.min(from, size), Math.min(to, size)));
        }

        private static int index(Integer told, int otherwise) {
            return told == null ? otherwise : told;
        }
    }

    private long serverTime(PutLogEventsResponse response) {
        Optional<String> date = response.sdkHttpResponse().firstMatchingHeader("Date");
        try {
            return date.map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)).toEpochMilli()).orElseGet(clock::millis);
        } catch (DateTimeException e) {
            return clock.millis();
        }
    }
}
