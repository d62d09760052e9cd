package io.monitoringhub.benchmarks.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MessagesTest {
    private static final long NOW = 1_795_000_123_456L;
    private static final Map<String, List<String>> REQUIRED = Map.of(
            "event", List.of("level", "msg", "ctx"),
            "metric", List.of("name", "value", "unit", "tags"),
            "progress", List.of("job_id", "percent", "status"),
            "resource", List.of("cpu", "mem", "disk", "net"),
            "span", List.of("name", "start", "end", "status", "tags"));

    private final ObjectMapper json = new ObjectMapper();

    @Test
    void everyShapeIsAValidMessageOfItsType() throws Exception {
        Set<String> sources = new HashSet<>();
        Map<String, Integer> types = new HashMap<>();
        for (int number = 1; number <= Messages.SHAPES; number++) {
            JsonNode message = json.readTree(Messages.line(7, number, NOW));
            assertThat(message.get("v").intValue()).isEqualTo(1);
            assertThat(message.get("ts").longValue()).isEqualTo(NOW);
            String type = message.get("type").textValue();
            REQUIRED.get(type).forEach(field -> assertThat(message.get("data").has(field)).as(type + "." + field).isTrue());
            assertThat(message.get("data").get("bench").longValue()).isEqualTo(100_007_000_000_000_000L + number);
            if (type.equals("span")) {
                assertThat(message.get("tid").textValue()).isNotEmpty();
                assertThat(message.get("sid").textValue()).isNotEmpty();
                assertThat(message.get("data").get("end").longValue()).isEqualTo(NOW);
            }
            types.merge(type, 1, Integer::sum);
            sources.add(message.get("src").textValue());
        }
        assertThat(types).hasSize(5).allSatisfy((type, count) -> assertThat(count).isEqualTo(8));
        assertThat(sources).hasSize(8);
    }

    @Test
    void aMessageIsAbout210Bytes() {
        assertThat(Messages.meanLength()).isBetween(205.0, 215.0);
        for (int number = 0; number < Messages.SHAPES; number++) {
            assertThat(Messages.length(number)).isBetween(170, 260);
        }
    }

    @Test
    void lengthOfARangeIsTheSumOfItsLines() {
        long sum = 0;
        for (int number = 13; number <= 500; number++) {
            sum += Messages.line(1, number, NOW).length;
        }
        assertThat(Messages.bytes(13, 500)).isEqualTo(sum);
    }

    @Test
    void aPageHoldsTheSameLinesAcrossEveryCarry() {
        MessagePage page = new MessagePage(99_999, 100);
        assertThat(page.messages()).isEqualTo(120);
        for (long start : new long[] {1, 119, 9_998, 9_999, 10_000, 123_456_789_998L}) {
            long next = start;
            while (next < start + 300) {
                int count = page.fill(next, 77, NOW);
                byte[] bytes = new byte[page.bytes().remaining()];
                page.bytes().get(bytes);
                assertThat(page.consumed(next)).isEqualTo(count);
                assertThat(bytes).isEqualTo(lines(99_999, next, count));
                next += count;
            }
        }
    }

    @Test
    void aPartlyWrittenMessageIsNotConsumed() {
        MessagePage page = new MessagePage(3, 40);
        assertThat(page.fill(5, 10, NOW)).isEqualTo(10);
        ByteBuffer bytes = page.bytes();
        int start = bytes.position();
        assertThat(page.consumed(5)).isZero();
        bytes.position(start + Messages.length(5) - 1);
        assertThat(page.consumed(5)).isZero();
        bytes.position(start + Messages.length(5));
        assertThat(page.consumed(5)).isEqualTo(1);
    }

    @Test
    void aMarkerIsFoundAndEveryChangedByteIsSeen() {
        MessageCheck check = new MessageCheck();
        for (long number = 10_037; number < 10_037 + Messages.SHAPES; number++) {
            byte[] line = Messages.line(42, number, NOW);
            int end = line.length - 1;
            long marker = MessageCheck.marker(line, 0, end);
            assertThat(MessageCheck.connection(marker)).isEqualTo(42);
            assertThat(MessageCheck.number(marker)).isEqualTo(number);
            assertThat(check.isIntact(line, 0, end, marker)).isTrue();
            for (int i = 0; i < end - 28; i++) {
                byte kept = line[i];
                line[i] = '~';
                assertThat(check.isIntact(line, 0, end, marker)).as("byte %d of %s", i, text(line)).isFalse();
                line[i] = kept;
            }
        }
    }

    @Test
    void aLineWithoutMarkerHasNone() {
        byte[] line = "{\"v\":1,\"bench\":100001000000000x01}}".getBytes(StandardCharsets.UTF_8);
        assertThat(MessageCheck.marker(line, 0, line.length)).isEqualTo(MessageCheck.NONE);
        assertThat(MessageCheck.marker(line, 0, 3)).isEqualTo(MessageCheck.NONE);
    }

    private static byte[] lines(int connection, long first, int count) {
        ByteBuffer lines = ByteBuffer.allocate((int) Messages.bytes(first, first + count - 1));
        for (int i = 0; i < count; i++) {
            lines.put(Messages.line(connection, first + i, NOW));
        }
        return lines.array();
    }

    private static String text(byte[] line) {
        return new String(line, StandardCharsets.UTF_8);
    }
}
