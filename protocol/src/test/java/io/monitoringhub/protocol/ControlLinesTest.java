package io.monitoringhub.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ControlLinesTest {

    @Test
    void acknowledgementsAreExactAtEveryLengthOfNumber() {
        for (long seq : new long[] {0, 1, 9, 10, 99, 100, 123_456_789, 1_000_000_000_000L, Long.MAX_VALUE}) {
            assertThat(new String(ControlLines.ack(seq), StandardCharsets.UTF_8))
                    .isEqualTo("{\"v\":1,\"type\":\"ack\",\"data\":{\"seq\":" + seq + "}}\n");
        }
        assertThatThrownBy(() -> ControlLines.ack(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void welcomeIsAsTheVectorHasIt() {
        assertThat(ControlLines.welcome(0, "monitoring-hub/0.1.0", 65_536)).isEqualTo(Vectors.load("replies/welcome").bytes());
    }

    @Test
    void errorCarriesAnyReasonOnOneLine() throws IOException {
        String reason = "\"quoted\" \\ \n \u0001 é 😀 \ud800";

        String line = new String(ControlLines.error(7, new Refusal(RefusalCode.INVALID_DATA, reason)), StandardCharsets.UTF_8);

        JsonNode data = new ObjectMapper().readTree(line).get("data");
        assertThat(line).endsWith("}}\n").containsOnlyOnce("\n");
        assertThat(data.get("seq").asLong()).isEqualTo(7);
        assertThat(data.get("code").asText()).isEqualTo("invalid_data");
        assertThat(data.get("reason").asText()).isEqualTo(reason);
    }
}
