package io.monitoringhub.delivery.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.entries.Glob;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class RouteTableTest {

    private static final Optional<Level> INFO = Optional.of(Level.INFO);

    @Test
    void theFirstRuleThatMatchesDecides() throws IOException {
        RouteTable table = RouteTable.of(List.of(RouteRule.to("queue-service", "timescale"), RouteRule.to("*", "archive")));
        assertThat(targets(table, "queue-service", MessageType.EVENT, INFO)).containsExactly("timescale");
        assertThat(targets(table, "config-service", MessageType.EVENT, INFO)).containsExactly("archive");
    }

    @Test
    void aRuleThatContinuesLetsTheNextOnesAdd() throws IOException {
        RouteTable table = RouteTable.of(List.of(RouteRule.to("*", "archive").andContinue(), RouteRule.to("queue-*", "timescale", "archive"),
                RouteRule.to("*", "rest")));
        assertThat(targets(table, "queue-service", MessageType.METRIC, Optional.empty())).containsExactly("archive", "timescale");
        assertThat(targets(table, "other", MessageType.METRIC, Optional.empty())).containsExactly("archive", "rest");
    }

    @Test
    void typesThatARuleDoesNotNameFallThrough() throws IOException {
        RouteTable table = RouteTable.of(List.of(
                RouteRule.to("queue-service", "timescale").onlyTypes(MessageType.METRIC, MessageType.PROGRESS), RouteRule.to("*", "archive")));
        assertThat(targets(table, "queue-service", MessageType.METRIC, Optional.empty())).containsExactly("timescale");
        assertThat(targets(table, "queue-service", MessageType.EVENT, INFO)).containsExactly("archive");
    }

    @Test
    void aLevelMeansThatLevelAndGraverAndNothingWithoutOne() throws IOException {
        RouteTable table = RouteTable.of(List.of(RouteRule.to("*", "alarm").atLeast(Level.ERROR)));
        assertThat(targets(table, "s", MessageType.EVENT, Optional.of(Level.WARN))).isEmpty();
        assertThat(targets(table, "s", MessageType.EVENT, Optional.of(Level.ERROR))).containsExactly("alarm");
        assertThat(targets(table, "s", MessageType.EVENT, Optional.of(Level.FATAL))).containsExactly("alarm");
        assertThat(targets(table, "s", MessageType.METRIC, Optional.empty())).isEmpty();
    }

    @Test
    void aRuleWithoutLanesSendsNowhereOnPurpose() throws IOException {
        RouteTable table = RouteTable.of(List.of(RouteRule.to("noisy"), RouteRule.to("*", "archive")));
        assertThat(targets(table, "noisy", MessageType.EVENT, INFO)).isEmpty();
    }

    @Test
    void noRulesMeanNoTargets() throws IOException {
        assertThat(targets(RouteTable.of(List.of()), "s", MessageType.EVENT, INFO)).isEmpty();
    }

    @Test
    void anEmptySourceIsRefusedWithAdvice() {
        assertThatThrownBy(() -> RouteRule.to("", "archive")).hasMessageContaining("'*' for all");
    }

    @Property
    void globsMatchLikeTheirRegularExpressions(@ForAll @StringLength(max = 8) @CharRange(from = 'a', to = 'b') String name,
            @ForAll @StringLength(max = 8) @CharRange(from = 'a', to = 'd') String raw) {
        String glob = raw.replace('c', '*').replace('d', '?');
        String regex = glob.replace("*", ".*").replace("?", ".");
        assertThat(Glob.matches(glob, name)).isEqualTo(Pattern.matches(regex, name));
    }

    @Test
    void aLaneFilterAgreesWithItsTableForEverySourceTypeAndLevel() throws IOException {
        RouteTable table = RouteTable.of(List.of(RouteRule.to("a*", "archive").atLeast(Level.WARN).andContinue(),
                RouteRule.to("*b", "archive").onlyTypes(MessageType.SPAN), RouteRule.to("c", "other", "archive")));
        LaneFilter filter = table.filterFor("archive");
        for (int i = 0; i < 25_000; i++) {
            filter.selection("source-" + i);
        }
        for (String source : List.of("a", "ab", "b", "c", "d")) {
            for (MessageType type : MessageType.values()) {
                for (int level = 0; level <= Level.values().length; level++) {
                    Optional<Level> of = level == 0 ? Optional.empty() : Optional.of(Level.at(level - 1));
                    int key = 5 << 16 | type.ordinal() << 8 | level;
                    boolean isSelected = (filter.selection(source).selected() >>> LaneFilter.bit(key) & 1) == 1;
                    assertThat(isSelected).isEqualTo(targets(table, source, type, of).contains("archive"));
                    assertThat(filter.selection(source).asked()).isZero();
                    assertThat(LaneFilter.isKnown(key)).isTrue();
                    assertThat(LaneFilter.sourceNumber(key)).isEqualTo(5);
                }
            }
        }
        assertThat(LaneFilter.isKnown(MessageType.values().length << 8)).isFalse();
        assertThat(LaneFilter.isKnown(7)).isFalse();
    }

    private static Set<String> targets(RouteTable table, String source, MessageType type, Optional<Level> level) throws IOException {
        return RouteTable.lanes(table.matching(source, type, level, ByteBuffer.wrap("{}".getBytes(StandardCharsets.UTF_8))));
    }
}
