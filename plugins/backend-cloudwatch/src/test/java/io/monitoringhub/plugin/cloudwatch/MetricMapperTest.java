package io.monitoringhub.plugin.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

class MetricMapperTest {

    private static final long TIME = 1_700_000_000_000L;

    private static TestMessage message(MessageType type, String data) {
        String json = "{\"v\":1,\"src\":\"svc\",\"ts\":" + TIME + ",\"type\":\"" + type.word() + "\",\"extra\":{\"data\":{}},\"data\":" + data + "}";
        return new TestMessage("svc", type, Optional.empty(), TIME, TIME, json.getBytes(StandardCharsets.UTF_8));
    }

    private static List<MetricDatum> map(CloudwatchSettings.Metrics settings, MessageType type, String data) throws Exception {
        return new MetricMapper(settings).map(TestBatch.of("log", 7, List.of(message(type, data))), 0, TIME).data();
    }

    private static List<MetricDatum> map(MessageType type, String data) throws Exception {
        return map(new CloudwatchSettings.Metrics("ns", Optional.empty(), true, false), type, data);
    }

    private static List<String> dimensions(MetricDatum datum) {
        return datum.dimensions().stream().map(each -> each.name() + "=" + each.value()).toList();
    }

    @Test
    void a_metric_is_one_datum_with_its_tags_and_its_source() throws Exception {
        List<MetricDatum> data = map(MessageType.METRIC,
                "{\"name\":\"depth\",\"value\":12.5,\"unit\":\"ms\",\"tags\":{\"zone\":\"a\",\"port\":80,\"up\":true,\"no\":null,\"empty\":\"\"}}");
        assertThat(data).hasSize(1);
        assertThat(data.get(0).metricName()).isEqualTo("depth");
        assertThat(data.get(0).value()).isEqualTo(12.5);
        assertThat(data.get(0).unit()).isEqualTo(StandardUnit.MILLISECONDS);
        assertThat(data.get(0).timestamp().toEpochMilli()).isEqualTo(TIME);
        assertThat(dimensions(data.get(0))).containsExactly("port=80", "source=svc", "up=true", "zone=a");
        assertThat(data.get(0).storageResolution()).isNull();
    }

    @Test
    void a_resource_is_one_datum_for_each_number() throws Exception {
        List<MetricDatum> data = map(MessageType.RESOURCE, "{\"cpu\":12,\"mem\":512.5,\"gpu\":3,\"host\":\"x\"}");
        assertThat(data).extracting(MetricDatum::metricName).containsExactly("cpu", "gpu", "mem");
        assertThat(data).extracting(MetricDatum::unit).containsExactly(StandardUnit.PERCENT, StandardUnit.NONE, StandardUnit.MEGABYTES);
    }

    @Test
    void dimensions_are_those_that_were_chosen() throws Exception {
        CloudwatchSettings.Metrics settings = new CloudwatchSettings.Metrics("ns", Optional.of(Set.of("zone")), false, true);
        MetricDatum datum = map(settings, MessageType.METRIC, "{\"name\":\"n\",\"value\":1,\"tags\":{\"zone\":\"a\",\"job_id\":\"17\"}}").get(0);
        assertThat(dimensions(datum)).containsExactly("zone=a");
        assertThat(datum.storageResolution()).isEqualTo(1);
    }

    @Test
    void what_is_not_ascii_is_written_as_its_bytes() throws Exception {
        MetricDatum datum = map(MessageType.METRIC, "{\"name\":\"gr\u00fc\u00dfe\",\"value\":1,\"tags\":{\":ort\":\"K\u00f6ln\"}}").get(0);
        assertThat(datum.metricName()).isEqualTo("gr%C3%BC%C3%9Fe");
        assertThat(dimensions(datum)).contains("%3Aort=K%C3%B6ln");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999", "-1e999", "1e200", "1e-200", "null", "\"12\"", "true", "{}"})
    void a_value_that_cloudwatch_does_not_take_is_told(String value) {
        assertThatThrownBy(() -> map(MessageType.METRIC, "{\"name\":\"n\",\"value\":" + value + "}"))
                .isInstanceOfSatisfying(MetricMapper.UnfitException.class, unfit -> assertThat(unfit.reason()).isEqualTo("value"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0.0", "1e100", "-1e100", "1e-100"})
    void a_value_that_cloudwatch_takes_is_taken(String value) throws Exception {
        assertThat(map(MessageType.METRIC, "{\"name\":\"n\",\"value\":" + value + "}").get(0).value()).isEqualTo(Double.parseDouble(value));
    }

    @Test
    void names_that_are_too_long_or_missing_and_too_many_dimensions_are_told() {
        String tags = IntStream.range(0, 31).mapToObj(i -> "\"t" + i + "\":\"x\"").collect(Collectors.joining(","));
        assertUnfit("name", MessageType.METRIC, "{\"name\":\"" + "n".repeat(256) + "\",\"value\":1}");
        assertUnfit("name", MessageType.METRIC, "{\"name\":\"n\",\"value\":1,\"tags\":{\"t\":\"" + "v".repeat(1_025) + "\"}}");
        assertUnfit("mapping", MessageType.METRIC, "{\"value\":1}");
        assertUnfit("mapping", MessageType.RESOURCE, "{\"host\":\"x\"}");
        assertUnfit("too_many_dimensions", MessageType.METRIC, "{\"name\":\"n\",\"value\":1,\"tags\":{" + tags + "}}");
        String numbers = IntStream.range(0, 1_001).mapToObj(i -> "\"n" + i + "\":1").collect(Collectors.joining(","));
        assertUnfit("too_large", MessageType.RESOURCE, "{" + numbers + "}");
    }

    private static void assertUnfit(String reason, MessageType type, String data) {
        assertThatThrownBy(() -> map(type, data)).isInstanceOfSatisfying(MetricMapper.UnfitException.class,
                unfit -> assertThat(unfit.reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @CsvSource({"s,Seconds", "Milliseconds,Milliseconds", "B,Bytes", "b,Bits", "MB,Megabytes", "Mb,Megabits", "%,Percent", "1,Count", "req/s,Count/Second",
        "bytes/second,Bytes/Second", "KB/s,Kilobytes/Second", "parsec,None", "'',None"})
    void units_have_many_names(String name, String unit) {
        assertThat(new Units().of(name)).isEqualTo(StandardUnit.fromValue(unit));
    }

    @Test
    void requests_are_cut_by_number_and_by_size_and_never_within_an_entry() {
        MetricDatum datum = MetricDatum.builder().metricName("n").dimensions(Dimension.builder().name("a").value("b").build()).build();
        List<MetricRequest.Part> parts = IntStream.range(0, 5).mapToObj(i -> new MetricRequest.Part(i, IntStream.range(0, 400).mapToObj(any -> datum).toList(), 1_000))
                .toList();
        assertThat(MetricRequest.cut(parts)).extracting(MetricRequest::offsets).containsExactly(List.of(0L, 1L), List.of(2L, 3L), List.of(4L));
        List<MetricRequest.Part> large = IntStream.range(0, 3).mapToObj(i -> new MetricRequest.Part(i, List.of(datum), 500_000)).toList();
        assertThat(MetricRequest.cut(large)).hasSize(3);
    }
}
