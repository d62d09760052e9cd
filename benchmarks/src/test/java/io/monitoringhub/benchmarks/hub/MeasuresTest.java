package io.monitoringhub.benchmarks.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
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
    void aHeapIsReadFromWhatJcmdSays() throws Exception {
        assertThat(Heap.read("""
                 def new generation   total 78656K, used 1000K [0x0, 0x1, 0x2)
                 tenured generation   total 174784K, used 24K [0x0, 0x1, 0x2)
                """)).contains(new Heap(253_440L * 1024, 1024 * 1024));
        assertThat(Heap.read("garbage-first heap   total reserved 4096000K, committed 256000K, used 2000K"))
                .contains(new Heap(256_000L * 1024, 2000 * 1024));
        assertThat(Heap.read("No such process")).isEmpty();
        assertThat(Heap.of(ProcessHandle.current().pid())).hasValueSatisfying(heap -> assertThat(heap.usedBytes()).isPositive());
        assertThat(Heap.alive(ProcessHandle.current().pid())).hasValueSatisfying(heap -> assertThat(heap.usedBytes()).isPositive());
    }

    @Test
    void aDiskIsMeasuredAtARate(@TempDir Path folder) throws Exception {
        DiskProbe.AtRate found = DiskProbe.atRate(folder, 2_000_000, Duration.ofMillis(200));
        assertThat(found.p50Millis()).isPositive().isLessThanOrEqualTo(found.p99Millis());
        assertThat(found.p99Millis()).isLessThanOrEqualTo(found.maxMillis());
        assertThat(found.shareInLongForces()).isBetween(0.0, 1.0);
        assertThat(found.forces()).isBetween(1L, 200L);
        assertThat(found.json()).containsKeys("p99Millis", "shareInForcesAbove10ms");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void machineAndDiskAreDescribed(@TempDir Path folder) throws Exception {
        assertThat(Machine.describe(folder)).containsKeys("processor", "cores", "memoryGiB", "disk", "java");
        assertThat(DiskProbe.medianMillis(folder)).isPositive();
        assertThat(folder).isEmptyDirectory();
    }
}
