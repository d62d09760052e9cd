package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

/**
 * Makes CloudWatch's data of metrics and resources. What CloudWatch would refuse is told by a reason, before it is sent with others.
 *
 * <p>Used by one thread at a time.
 */
final class MetricMapper {

    static final int MOST_DIMENSIONS = 30;
    private static final int MOST_NAME = 255;
    private static final int MOST_VALUE = 1_024;
    private static final double LARGEST = Math.scalb(1.0, 360);
    private static final double SMALLEST = Math.scalb(1.0, -360);
    private static final int BYTES_OF_DATUM = 160;
    private static final int BYTES_OF_DIMENSION = 24;
    private static final String SOURCE = "source";

    private final Units units = new Units();
    private final Map<String, StandardUnit> resourceUnits = Map.of("cpu", StandardUnit.PERCENT, "mem", StandardUnit.MEGABYTES,
            "disk", StandardUnit.MEGABYTES, "net", StandardUnit.MEGABYTES);
    private final MetricReader reader = new MetricReader();
    private final CloudwatchSettings.Metrics settings;

    MetricMapper(CloudwatchSettings.Metrics settings) {
        this.settings = settings;
    }

    /** An entry that CloudWatch will never take as a metric. */
    static final class UnfitException extends Exception {

        private static final long serialVersionUID = 1L;

        private final String reason;

        UnfitException(String reason, String detail) {
            super(detail);
            this.reason = reason;
        }

        /** One word of a small set. */
        String reason() {
            return reason;
        }
    }

    /** @param time what the data are sent with, Unix milliseconds */
    MetricRequest.Part map(Batch batch, int index, long time) throws UnfitException {
        MetricReader.Reading read;
        try {
            read = reader.read(batch.message(index));
        } catch (IOException e) {
            throw new UnfitException("mapping", "the message cannot be read: " + e.getMessage());
        }
        Instant at = Instant.ofEpochMilli(time);
        List<MetricDatum> data = new ArrayList<>();
        List<Dimension> dimensions = dimensions(batch.source(index), batch.type(index) == MessageType.METRIC ? read.tags() : Map.of());
        if (batch.type(index) == MessageType.METRIC) {
            String name = read.text("name").orElseThrow(() -> new UnfitException("mapping", "the metric has no name"));
            double value = read.number("value").orElseThrow(() -> new UnfitException("value", "the metric " + name + " has no number as its value"));
            data.add(datum(name, value, units.of(read.text("unit").orElse("")), at, dimensions));
        } else {
            for (Map.Entry<String, Double> each : read.numbers().entrySet()) {
                data.add(datum(each.getKey(), each.getValue(), resourceUnits.getOrDefault(each.getKey(), StandardUnit.NONE), at, dimensions));
            }
        }
        if (data.isEmpty()) {
            throw new UnfitException("mapping", "the message has no number");
        }
        int bytes = data.stream().mapToInt(MetricMapper::size).sum();
        if (data.size() > MetricRequest.MOST_DATA || bytes > MetricRequest.MOST_BYTES) {
            throw new UnfitException("too_large", "the message has " + data.size() + " numbers and about " + bytes + " bytes as metrics: CloudWatch takes "
                    + MetricRequest.MOST_DATA + " numbers and 1 MB at once");
        }
        return new MetricRequest.Part(batch.offset(index), data, bytes);
    }

    private MetricDatum datum(String name, double value, StandardUnit unit, Instant at, List<Dimension> dimensions) throws UnfitException {
        double size = Math.abs(value);
        if (!(size <= LARGEST) || size != 0 && size < SMALLEST) {
            throw new UnfitException("value", "the value " + value + " of " + name + " is not 0 and not within 2^-360 to 2^360, as CloudWatch wants it");
        }
        MetricDatum.Builder datum = MetricDatum.builder().metricName(fit("the metric's name", ascii(name), MOST_NAME)).value(value).unit(unit)
                .timestamp(at).dimensions(dimensions);
        if (settings.isHighResolution()) {
            datum.storageResolution(1);
        }
        return datum.build();
    }

    private List<Dimension> dimensions(String source, Map<String, String> tags) throws UnfitException {
        Map<String, String> chosen = new TreeMap<>();
        Optional<Set<String>> names = settings.dimensions();
        tags.forEach((name, value) -> {
            // CloudWatch has no empty names or values.
            if (!name.isBlank() && !value.isBlank() && names.map(each -> each.contains(name)).orElse(true)) {
                chosen.put(name, value);
            }
        });
        if (settings.isSourceDimension() && !source.isBlank()) {
            chosen.put(SOURCE, source);
        }
        if (chosen.size() > MOST_DIMENSIONS) {
            throw new UnfitException("too_many_dimensions", "the metric has " + chosen.size() + " dimensions: CloudWatch takes " + MOST_DIMENSIONS
                    + "; choose them with the key dimensions");
        }
        List<Dimension> dimensions = new ArrayList<>();
        for (Map.Entry<String, String> each : chosen.entrySet()) {
            String name = ascii(each.getKey());
            dimensions.add(Dimension.builder().name(fit("the name of dimension " + name, name.startsWith(":") ? "%3A" + name.substring(1) : name, MOST_NAME))
                    .value(fit("the value of dimension " + name, ascii(each.getValue()), MOST_VALUE)).build());
        }
        return dimensions;
    }

    private static String fit(String what, String text, int most) throws UnfitException {
        if (text.isBlank() || text.length() > most) {
            throw new UnfitException("name", what + " has " + text.length() + " characters: CloudWatch takes 1 to " + most);
        }
        return text;
    }

    /** CloudWatch takes printable ASCII only; the rest is written as its bytes in UTF-8, %C3%BC, so that no two names become one. */
    private static String ascii(String text) {
        if (text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (each >= ' ' && each <= '~') {
                escaped.append((char) each);
            } else {
                escaped.append(String.format(Locale.ROOT, "%%%02X", each & 0xFF));
            }
        }
        return escaped.toString();
    }

    private static int size(MetricDatum datum) {
        int bytes = BYTES_OF_DATUM + datum.metricName().length();
        for (Dimension each : datum.dimensions()) {
            bytes += BYTES_OF_DIMENSION + each.name().length() + each.value().length();
        }
        return bytes;
    }
}
