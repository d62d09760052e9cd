package io.monitoringhub.correlation.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpanPairsTest {

    private static final String OPENING = "{\"v\":1,\"src\":\"a\",\"ts\":5,\"type\":\"span\",\"tid\":\"t\",\"sid\":\"s\",\"pid\":\"p\","
            + "\"data\":{\"name\":\"work\",\"start\":5,\"end\":null,\"status\":\"\",\"tags\":{\"user\":7,\"k\":[1, 2.50]}}}";
    private static final String CLOSING = "{\"v\":1,\"src\":\"b\",\"ts\":9,\"type\":\"span\",\"tid\":\"t\",\"sid\":\"s\","
            + "\"data\":{\"name\":\"\",\"start\":0,\"end\":9,\"status\":\"ok\",\"tags\":{\"rows\":1e3,\"user\":8}}}";
    private static final String BOTH = "{\"v\":1,\"src\":\"a\",\"ts\":9,\"type\":\"span\",\"tid\":\"t\",\"sid\":\"s\",\"pid\":\"p\","
            + "\"data\":{\"merged\":true,\"name\":\"work\",\"start\":5,\"end\":9,\"duration_ms\":4,\"status\":\"ok\","
            + "\"tags\":{\"user\":8,\"k\":[1, 2.50],\"rows\":1e3}}}";

    private final SpanMessage.Reader reader = new SpanMessage.Reader();
    private SpanPairs pairs = new SpanPairs(1_000, 1 << 20);

    @Test
    void theHalfThatComesLastCompletesTheSpanWhicheverItIs() throws IOException {
        assertThat(add(OPENING, 5)).isEmpty();
        assertThat(add(CLOSING, 9)).contains(BOTH);

        pairs = new SpanPairs(1_000, 1 << 20);
        assertThat(add(CLOSING, 9)).isEmpty();
        assertThat(add(OPENING, 5)).contains(BOTH);
        assertThat(pairs.waiting()).isZero();
    }

    @Test
    void halvesThatComeAgainMakeNoSecondSpan() throws IOException {
        assertThat(add(OPENING, 5)).isEmpty();
        assertThat(add(OPENING, 5)).isEmpty();
        assertThat(add(CLOSING, 9)).isPresent();
        assertThat(add(CLOSING, 9)).isEmpty();
        assertThat(add(OPENING, 5)).isEmpty();
    }

    @Test
    void aMessageThatSaysAllIsCompleteByItselfAndTakesParentAndTagsFromTheOpeningOne() throws IOException {
        String all = CLOSING.replace("\"name\":\"\",\"start\":0", "\"name\":\"work\",\"start\":5");
        assertThat(add(OPENING, 5)).isEmpty();
        assertThat(add(all, 9)).contains(BOTH);

        assertThat(add(all.replace("\"sid\":\"s\"", "\"sid\":\"alone\""), 9).orElseThrow()).contains("\"src\":\"b\"", "\"sid\":\"alone\"",
                "\"merged\":true", "\"duration_ms\":4", "\"tags\":{\"rows\":1e3,\"user\":8}").doesNotContain("pid");
    }

    @Test
    void whatIsMergedIsNeverMergedAgainAndItsHalvesNeither() throws IOException {
        assertThat(add(OPENING, 5)).isEmpty();
        assertThat(add(BOTH, 9)).isEmpty();
        assertThat(add(CLOSING, 9)).as("somebody else has merged it").isEmpty();
        assertThat(pairs.waiting()).isZero();
    }

    @Test
    void onlyTheHubsOwnMarkMakesAMergedSpan() throws IOException {
        assertThat(add(OPENING.replace("\"tags\":{", "\"tags\":{\"merged\":true,"), 5)).isEmpty();
        assertThat(add(CLOSING.replace("\"end\":9", "\"merged\":\"true\",\"end\":9"), 9)).isPresent();
    }

    @Test
    void anOpeningMessageWithoutAStartWasSentWhenTheSpanBegan() throws IOException {
        add(OPENING.replace("\"start\":5", "\"start\":0"), 3);
        assertThat(add(CLOSING, 9).orElseThrow()).contains("\"start\":3,\"end\":9,\"duration_ms\":6");
    }

    @Test
    void namesAndTextsStayAsTheyWereSpelt() throws IOException {
        add("{\"src\":\"\\u00e9\\\\\",\"tid\":\"t\",\"sid\":\"\\u0073\",\"data\":{\"name\":\"a \\\"b\\\" \\ud83d\",\"start\":5.0,"
                + "\"tags\":{\"\\u006b\\\"\":{\"deep\":[null,\"}\"]}}}}", 5);
        assertThat(add(CLOSING, 9).orElseThrow()).contains("\"src\":\"\\u00e9\\\\\"", "\"sid\":\"\\u0073\"", "\"name\":\"a \\\"b\\\" \\ud83d\"",
                "\"start\":5.0,", "\"tags\":{\"\\u006b\\\"\":{\"deep\":[null,\"}\"]},\"rows\":1e3,\"user\":8}");
    }

    @Test
    void aNumberOfAnyLengthAndANameOfAnyLengthAreKept() throws IOException {
        String digits = "7".repeat(2_000);
        String key = "k".repeat(55_000);
        add(OPENING.replace("\"user\":7", "\"" + key + "\":" + digits), 5);
        assertThat(add(CLOSING, 9).orElseThrow()).contains("\"" + key + "\":" + digits + ",");
    }

    @Test
    void aNegativeDurationIsSaidAsItIs() throws IOException {
        add(OPENING.replace("\"start\":5", "\"start\":50"), 5);
        assertThat(add(CLOSING, 9).orElseThrow()).contains("\"duration_ms\":-41");
    }

    @Test
    void theHalfThatWaitsLongestMakesRoomAndIsCounted() throws IOException {
        pairs = new SpanPairs(3, 1 << 20);
        for (String id : new String[] {"1", "2", "3", "4"}) {
            add(OPENING.replace("\"sid\":\"s\"", "\"sid\":\"" + id + "\""), 5);
        }
        assertThat(pairs.waiting()).isEqualTo(3);
        assertThat(pairs.givenUp()).isEqualTo(1);
        assertThat(add(CLOSING.replace("\"sid\":\"s\"", "\"sid\":\"2\""), 9)).isPresent();
        assertThat(add(CLOSING.replace("\"sid\":\"s\"", "\"sid\":\"1\""), 9)).isEmpty();
    }

    @Test
    void memoryIsBoundedByBytesToo() throws IOException {
        pairs = new SpanPairs(1_000_000, 1 << 16);
        for (int i = 0; i < 2_000; i++) {
            add(OPENING.replace("\"sid\":\"s\"", "\"sid\":\"" + i + "\""), 5);
            add(CLOSING.replace("\"sid\":\"s\"", "\"sid\":\"c" + i + "\"").replace("\"start\":0", "\"start\":1"), 9);
        }
        assertThat(pairs.waiting()).isBetween(10, 200);
        assertThat(pairs.givenUp()).isEqualTo(2_000 - pairs.waiting());
    }

    @Test
    void aMessageWithoutIdsIsRefused() {
        assertThatThrownBy(() -> add("{\"data\":{}}", 1)).isInstanceOf(IOException.class);
    }

    private Optional<String> add(String message, long time) throws IOException {
        return pairs.add(reader.read(message.getBytes(StandardCharsets.UTF_8), time));
    }
}
