package io.monitoringhub.correlation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceIdsTest {

    private final TraceIds ids = new TraceIds(new MessageFields());

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"tid\":\"a\"} | a",
        "{\"v\":1,\"tid\":\"a\",\"sid\":\"b\"} | a",
        " { \"data\" : { \"tid\" : \"no\" , \"x\":[{\"tid\":\"no\"}]} , \"tid\" : \"yes\" } | yes",
        "{\"src\":\"tid\",\"x\":\"\\\"tid\\\":\\\"no\\\"\",\"tid\":\"yes\"} | yes",
        "{\"\\u0074id\":\"escaped key\"} | escaped key",
        "{\"tid\":\"with \\\" escape\"} | with \" escape",
        "{\"tid\":17} | 17",
        "{\"tid\":null} | ``",
        "{\"tid\":\"\"} | ``",
        "{} | ``",
        "{\"tidy\":\"x\",\"ti\":\"y\"} | ``",
        "{\"x\":\"\\\\\",\"tid\":\"ü\"} | ü"})
    void findsTheIdOfTheOutermostObject(String message, String id) throws IOException {
        assertThat(of(message)).isEqualTo(id);
        assertThat(of(message)).isEqualTo(id);
    }

    @Test
    void anIdThatIsTooLongIsNone() throws IOException {
        assertThat(of("{\"tid\":\"" + "x".repeat(MessageFields.MAX_ID + 1) + "\"}")).isEmpty();
    }

    @Property(tries = 2000)
    void rubbishEndsWithAnExceptionAtMost(@ForAll @StringLength(max = 40) @CharRange(from = ' ', to = '~') String rubbish,
            @ForAll @StringLength(max = 20) @net.jqwik.api.constraints.Chars({'{', '}', '[', ']', '"', ':', ',', '\\', 't', 'i', 'd'}) String odd) {
        for (String message : new String[] {rubbish, odd, "{" + odd, "{\"tid\":" + odd}) {
            try {
                of(message);
            } catch (IOException refused) {
                assertThat(refused).isInstanceOf(com.fasterxml.jackson.core.JsonProcessingException.class);
            }
        }
    }

    private String of(String message) throws IOException {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        return ids.of(bytes, bytes.length);
    }
}
