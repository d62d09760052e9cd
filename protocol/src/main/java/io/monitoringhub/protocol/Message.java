package io.monitoringhub.protocol;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A message with everything that version 1 defines, for paths where an object per message is affordable. What version 1 doesn't define is
 * not here: the message's bytes are the truth.
 *
 * <p>Numbers are the nearest {@code double}, infinite beyond its range. Contexts and tags are flat: a string is its text, any other value
 * its JSON text. An absent text is {@code ""}. Immutable.
 */
public sealed interface Message {

    /** What all messages have. */
    Header header();

    /** What it is. */
    Type type();

    /**
     * What all messages have. An empty id is absent. Immutable.
     *
     * @param source who sent it
     * @param timestamp when, in Unix milliseconds of the sender's clock
     * @param traceId {@code tid}
     * @param spanId {@code sid}
     * @param parentSpanId {@code pid}
     */
    record Header(String source, long timestamp, Optional<String> traceId, Optional<String> spanId, Optional<String> parentSpanId) {

        public Header {
            Objects.requireNonNull(source, "source");
            Objects.requireNonNull(traceId, "traceId");
            Objects.requireNonNull(spanId, "spanId");
            Objects.requireNonNull(parentSpanId, "parentSpanId");
        }
    }

    /** Something happened. {@code level} is one of debug, info, warn, error, fatal. Immutable. */
    record Event(Header header, String level, String text, Map<String, String> context) implements Message {

        public Event {
            context = inOrder(context);
        }

        @Override
        public Type type() {
            return Type.EVENT;
        }
    }

    /** Something was measured. Immutable. */
    record Metric(Header header, String name, double value, String unit, Map<String, String> tags) implements Message {

        public Metric {
            tags = inOrder(tags);
        }

        @Override
        public Type type() {
            return Type.METRIC;
        }
    }

    /** How far a job is: {@code percent} is 0 to 100. Immutable. */
    record Progress(Header header, String jobId, double percent, String status) implements Message {

        @Override
        public Type type() {
            return Type.PROGRESS;
        }
    }

    /** What a program uses: all numbers at the top of the data; cpu, mem, disk and net among them. Immutable. */
    record Resource(Header header, Map<String, Double> numbers) implements Message {

        public Resource {
            numbers = inOrder(numbers);
        }

        @Override
        public Type type() {
            return Type.RESOURCE;
        }
    }

    /**
     * A span that was opened or closed: {@code start} and {@code end} in Unix milliseconds, {@code end} absent while it is open. One that
     * closes may have an empty name and start 0. Immutable.
     */
    record Span(Header header, String name, double start, OptionalDouble end, String status, Map<String, String> tags) implements Message {

        public Span {
            tags = inOrder(tags);
        }

        @Override
        public Type type() {
            return Type.SPAN;
        }
    }

    /** The sender lives. Immutable. */
    record Heartbeat(Header header) implements Message {

        @Override
        public Type type() {
            return Type.HEARTBEAT;
        }
    }

    /** The sender ends, and means to. Immutable. */
    record Goodbye(Header header) implements Message {

        @Override
        public Type type() {
            return Type.GOODBYE;
        }
    }

    private static <V> Map<String, V> inOrder(Map<String, V> fields) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
}
