package io.monitoringhub.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestBatchTest {

    private final List<TestMessage> messages = List.of(TestMessage.event("a", 1, "one"), TestMessage.event("b", 2, "two"),
            TestMessage.event("c", 3, "three"));

    @Test
    void lines_of_neighbours_are_one_buffer() {
        List<String> lines = lines(TestBatch.of("log", 7, messages));
        assertThat(lines).containsExactly(String.join("\n", messages.stream().map(TestMessage::text).toList()) + "\n");
    }

    @Test
    void a_gap_in_offsets_is_a_gap_in_memory() {
        TestBatch batch = TestBatch.of("log", new long[] {1, 2, 9}, messages);
        assertThat(lines(batch)).hasSize(2);
        assertThat(batch.next()).isEqualTo(10);
        assertThat(StandardCharsets.UTF_8.decode(batch.message(2)).toString()).isEqualTo(messages.get(2).text());
        assertThat(batch.bytes()).isEqualTo(String.join("", lines(batch)).length());
    }

    @Test
    void overwritten_memory_shows_in_views() {
        TestBatch batch = TestBatch.of("log", 0, messages);
        var view = batch.message(0);
        batch.overwriteMemory();
        assertThat(StandardCharsets.UTF_8.decode(view).toString()).matches("#+");
    }

    private static List<String> lines(TestBatch batch) {
        List<String> lines = new ArrayList<>();
        batch.lines(buffer -> lines.add(StandardCharsets.UTF_8.decode(buffer).toString()));
        return lines;
    }
}
