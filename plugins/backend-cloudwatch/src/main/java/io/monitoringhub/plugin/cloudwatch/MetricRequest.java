package io.monitoringhub.plugin.cloudwatch;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;

/**
 * Data that CloudWatch takes in one request. What one entry says is never parted.
 *
 * <p>Immutable.
 */
record MetricRequest(List<Long> offsets, List<MetricDatum> data) {

    static final int MOST_DATA = 1_000;
    /** Below CloudWatch's 1 MB, because sizes are estimated. */
    static final int MOST_BYTES = 800_000;

    MetricRequest {
        offsets = List.copyOf(offsets);
        data = List.copyOf(data);
    }

    /** The data of one entry. @param bytes about how many they are on the wire */
    record Part(long offset, List<MetricDatum> data, int bytes) { }

    static List<MetricRequest> cut(List<Part> parts) {
        List<MetricRequest> requests = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        List<MetricDatum> data = new ArrayList<>();
        int bytes = 0;
        for (Part part : parts) {
            if (!offsets.isEmpty() && (data.size() + part.data().size() > MOST_DATA || bytes + part.bytes() > MOST_BYTES)) {
                requests.add(new MetricRequest(offsets, data));
                offsets.clear();
                data.clear();
                bytes = 0;
            }
            offsets.add(part.offset());
            data.addAll(part.data());
            bytes += part.bytes();
        }
        if (!offsets.isEmpty()) {
            requests.add(new MetricRequest(offsets, data));
        }
        return requests;
    }
}
