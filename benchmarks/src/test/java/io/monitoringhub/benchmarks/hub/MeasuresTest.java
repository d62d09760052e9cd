package io.monitoringhub.benchmarks.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuresTest {
    @Test
    void jsonIsReadBackAsItWasWritten() throws Exception {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("text", "a \"quoted\" \\ back\u0001slash, ü");
        value.put("list", List.of(1, 2.5, true, Map.of("x", "")));
        value.put("empty", List.of());
        assertThat(new ObjectMapper().readValue(Json.write(value), Map.class)).isEqualTo(value);
        assertThatThrownBy(() -> Json.write(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void thisProcessHasACost() throws Exception {
        ProcessCost cost = ProcessCost.of(ProcessHandle.current().pid());
        assertThat(cost.cpuSeconds()).isPositive();
        assertThat(cost.peakResidentBytes()).isGreaterThanOrEqualTo(cost.residentBytes()).isGreaterThan(10_000_000);
    }

    @Test
    void machineAndDiskAreDescribed(@TempDir Path folder) throws Exception {
        assertThat(Machine.describe(folder)).containsKeys("processor", "cores", "memoryGiB", "disk", "java");
        assertThat(DiskProbe.medianMillis(folder)).isPositive();
        assertThat(folder).isEmptyDirectory();
    }
}
