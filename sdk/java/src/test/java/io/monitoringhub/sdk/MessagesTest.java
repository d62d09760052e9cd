package io.monitoringhub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.protocol.Message;
import io.monitoringhub.protocol.MessageReader;
import io.monitoringhub.protocol.ProtocolLimits;
import io.monitoringhub.protocol.RefusedException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MessagesTest {

    private final Messages messages = new Messages("test", "", false);
    private final MessageReader reader = new MessageReader(ProtocolLimits.VERSION_1);

    private String line(Map<String, ?> context) {
        byte[] bytes = messages.line("event", new byte[0], line -> line.raw("\"level\":\"info\",\"msg\":").text("m").raw(",\"ctx\":")
                .object(Map.of(), context)).orElseThrow().bytes();
        assertThat(bytes.length).isLessThanOrEqualTo(Messages.MAX_LINE);
        read(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private Message read(byte[] line) {
        try {
            return reader.read(line);
        } catch (RefusedException e) {
            throw new AssertionError(e.refusal() + ": " + new String(line, StandardCharsets.UTF_8), e);
        }
    }

    private String context(Object value) {
        String line = line(Collections.singletonMap("k", value));
        return line.substring(line.indexOf("\"ctx\":{\"k\":") + 11, line.length() - 4);
    }

    @Test
    void writesTheScalarsOfTheLanguage() {
        assertThat(context(null)).isEqualTo("null");
        assertThat(context(true)).isEqualTo("true");
        assertThat(context('x')).isEqualTo("\"x\"");
        assertThat(context(Thread.State.NEW)).isEqualTo("\"NEW\"");
        assertThat(context(new StringBuilder("sb"))).isEqualTo("\"sb\"");
        assertThat(context(Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
        assertThat(context(new AtomicLong(7))).isEqualTo("7");
        assertThat(context(0.1f)).isEqualTo("0.1");
        assertThat(context(1e300)).isEqualTo("1.0E300");
        assertThat(context(3.0)).isEqualTo("3");
        assertThat(context(new BigDecimal("1.10"))).isEqualTo("1.10");
        assertThat(context(BigInteger.ONE.shiftLeft(10_000))).startsWith("\"19950");
    }

    @Test
    void writesWhatIsNoNumberAsText() {
        assertThat(context(Double.NaN)).isEqualTo("\"NaN\"");
        assertThat(context(Double.NEGATIVE_INFINITY)).isEqualTo("\"-Infinity\"");
        assertThat(context(Float.POSITIVE_INFINITY)).isEqualTo("\"Infinity\"");
    }

    @Test
    void escapesAndRepairsText() {
        assertThat(context("a\"\\\n\r\t\u0000\u001f\u007f")).isEqualTo("\"a\\\"\\\\\\n\\r\\t\\u0000\\u001f\u007f\"");
        assertThat(context("é€😀")).isEqualTo("\"é€😀\"");
        assertThat(context("a\ud83d")).isEqualTo("\"a\ufffd\"");
        assertThat(context("\ude00\ud83db")).isEqualTo("\"\ufffd\ufffdb\"");
    }

    @Test
    void writesNestedValues() {
        Map<String, Object> nested = new LinkedHashMap<>();
        nested.put("list", Arrays.asList(1, null, "x"));
        nested.put("ints", new int[] {1, 2});
        nested.put("texts", new String[][] {{"a"}, {}});
        nested.put(null, Map.of());
        assertThat(context(nested)).isEqualTo("{\"list\":[1,null,\"x\"],\"ints\":[1,2],\"texts\":[[\"a\"],[]],\"null\":{}}");
    }

    @Test
    void cutsCyclesAndDepths() {
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThat(context(cycle)).isEqualTo("[\"[cycle]\"]");
        Map<String, Object> map = new HashMap<>();
        map.put("me", List.of(map));
        assertThat(context(map)).isEqualTo("{\"me\":[\"[cycle]\"]}");
        Object deep = "bottom";
        for (int i = 0; i < 5_000; i++) {
            deep = List.of(deep);
        }
        assertThat(line(Map.of("k", deep))).contains("too deep").contains("\"truncated\":true");
    }

    @Test
    void bearsCodeOfTheApplicationThatFails() {
        Object thrower = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException("no");
            }
        };
        Object recursive = new Object() {
            @Override
            public String toString() {
                return "" + this;
            }
        };
        Map<String, Object> broken = new AbstractMap<>() {
            @Override
            public Set<Entry<String, Object>> entrySet() {
                throw new UnsupportedOperationException();
            }
        };
        Object nothing = new Object() {
            @Override
            public String toString() {
                return null;
            }
        };
        assertThat(context(thrower)).contains("unreadable").contains("IllegalStateException");
        assertThat(context(recursive)).contains("unreadable").contains("StackOverflowError");
        assertThat(context(broken)).contains("unreadable");
        assertThat(context(nothing)).isEqualTo("\"\"");
        assertThat(line(broken)).contains("unreadable");
        assertThat(context(Arrays.asList(1, thrower, 2))).startsWith("[1,\"[unreadable").endsWith(",2]");
    }

    @Test
    void shortensWhatDoesNotFit() {
        for (String piece : List.of("x", "\u0001", "€", "😀", "\ud83d", "\"")) {
            assertThat(line(Map.of("k", piece.repeat(1_000_000)))).contains("more]").contains("\"truncated\":true");
        }
        Map<String, Object> wide = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            wide.put("key" + i, "value" + i);
        }
        assertThat(line(wide)).contains("\"truncated\":true");
        assertThat(line(Map.of("k", new long[10_000_000]))).contains("\"truncated\":true");
        assertThat(line(Map.of("k".repeat(100_000), 1))).contains("\"truncated\":true");
    }

    @Test
    void everyLengthAroundTheLimitFits() {
        for (int length = 65_300; length < 65_600; length++) {
            line(Map.of("k", "x".repeat(length)));
        }
    }

    @Test
    void keepsToALowerLimitOfTheHub() {
        messages.limitLines(1_024);
        assertThat(line(Map.of("k", "x".repeat(5_000))).length()).isLessThanOrEqualTo(1_024);
    }

    @Test
    void makesIdentifiersThatTheHubTakes() {
        assertThat(Messages.identifier(null)).isEmpty();
        assertThat(Messages.identifier("a\nb\u0085c\ud800")).isEqualTo("a?b?c\ufffd");
        assertThat(Messages.identifier("é".repeat(500)).getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(255);
        assertThat(Messages.identifier("😀".repeat(500)).getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(255);
    }
}
