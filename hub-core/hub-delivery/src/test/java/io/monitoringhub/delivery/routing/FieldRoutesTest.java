package io.monitoringhub.delivery.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.delivery.routing.RouteRule.Place;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldRoutesTest {

    private static final String MESSAGE = """
            {"v":1,"src":"queue","ts":1,"type":"event","tid":"t-1","pid":null,"data":{"level":"error","msg":"it \\u00fc broke","percent":100.0,
             "ctx":{"job_id":"nightly-7","http.status":503,"http":{"method":"PUT"},"done":false,"tags":["a",["x"],{"y":1},"b",7],"empty":[],
             "nothing":null,"object":{"a":{"b":{}}}}},"site":"north"}""";

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            tid;t-1;true
            tid;T-1;false
            site;north;true
            data.level;error;true
            data.msg;it ü broke;true
            data.percent;100;true
            data.percent;1e2;true
            data.percent;100.0;true
            data.percent;101;false
            data.ctx.http.status;503;true
            data.ctx.http.method;PUT;true
            data.ctx.done;false;true
            data.ctx.tags;b;true
            data.ctx.tags;7;true
            data.ctx.tags;x;false
            data.ctx.tags.y;1;false
            data.ctx.nothing;null;false
            pid;null;false
            data.ctx.object;{;false
            data.ctx.object.a.b.c;1;false
            data.ct;x;false
            absent;x;false
            """)
    void aFieldEqualsWhatItHolds(String path, String value, boolean holds) throws IOException {
        assertThat(holds(FieldCondition.equal(path, value))).isEqualTo(holds);
        assertThat(holds(FieldCondition.equal(path, "something else", value))).isEqualTo(holds);
        assertThat(holds(new FieldCondition(path, List.of(), List.of(value), Optional.empty(), Optional.empty(), Optional.empty())))
                .as("unequal is the opposite, also of an absent field").isEqualTo(!holds);
    }

    @ParameterizedTest
    @CsvSource({"data.ctx.job_id,^nightly-,true", "data.ctx.job_id,ly-\\d$,true", "data.ctx.job_id,^ly,false", "data.ctx.tags,^[ab]$,true",
        "data.ctx.http.status,^5..$,true", "data.ctx.object,.,false", "absent,.*,false", "src,^que,true", "src,^x,false"})
    void anExpressionIsLookedForInTheValue(String path, String expression, boolean holds) throws IOException {
        assertThat(holds(FieldCondition.matches(path, expression))).isEqualTo(holds);
        FieldPattern pattern = FieldPattern.of(expression);
        assertThat(holds(new FieldCondition(path, List.of(), List.of(), Optional.empty(), Optional.of(pattern), Optional.empty())))
                .isEqualTo(!holds);
    }

    @ParameterizedTest
    @CsvSource({"tid,true", "sid,false", "pid,false", "data,true", "data.ctx.object,true", "data.ctx.empty,true", "data.ctx.nothing,false",
        "data.ctx.object.a.b,true", "src,true"})
    void aFieldExistsUnlessItIsAbsentOrNull(String path, boolean exists) throws IOException {
        for (boolean wanted : List.of(true, false)) {
            assertThat(holds(new FieldCondition(path, List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.of(wanted))))
                    .isEqualTo(exists == wanted);
        }
    }

    @Test
    void allPartsOfAConditionAndAllConditionsOfARuleMustHold() throws IOException {
        assertThat(lanes(table(RouteRule.to("*", "a").where(FieldCondition.equal("tid", "t-1"), FieldCondition.equal("site", "north"))),
                MESSAGE)).containsExactly("a");
        assertThat(lanes(table(RouteRule.to("*", "a").where(FieldCondition.equal("tid", "t-1"), FieldCondition.equal("site", "south"))),
                MESSAGE)).isEmpty();
        assertThat(holds(new FieldCondition("tid", List.of("t-1"), List.of(), Optional.of(FieldPattern.of("^x")), Optional.empty(),
                Optional.empty()))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "(?=a)", "(a)\\1", "", "((a{100}){100}){100}", "(a{40}){40}", "a{0,1001}"})
    void anExpressionThatIsWrongOrCostsTooMuchIsRefused(String expression) {
        assertThatThrownBy(() -> FieldPattern.of(expression)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("regular expression");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".a", "a.", "a..b"})
    void aPathThatNamesNothingIsRefused(String path) {
        assertThatThrownBy(() -> FieldCondition.equal(path, "x")).hasMessageContaining("expected a field");
    }

    @Test
    void tooManyFieldsAreRefusedWhenTheTableIsMade() {
        List<RouteRule> rules = IntStream.range(0, 65).mapToObj(i -> RouteRule.to("*", "a").where(FieldCondition.equal("f" + i, "x"))).toList();
        assertThatThrownBy(() -> RouteTable.of(rules)).hasMessageContaining("65 different fields: 64 at most");
        assertThat(RouteTable.of(rules.subList(0, 64)).rules()).hasSize(64);
    }

    @Test
    void aHigherPriorityIsAskedEarlierAndRulesThatAreOffAreNot() throws IOException {
        RouteRule first = RouteRule.to("*", "first");
        RouteRule urgent = RouteRule.to("*", "urgent").at(new Place(5, false, true));
        RouteRule late = RouteRule.to("*", "late").at(new Place(-1, false, true));
        RouteRule off = RouteRule.to("*", "off").at(new Place(9, false, false));
        assertThat(lanes(table(late, first, off, urgent), MESSAGE)).containsExactly("urgent");
        assertThat(lanes(table(late.andContinue(), first.andContinue(), off.andContinue(), urgent.andContinue()), MESSAGE))
                .containsExactly("urgent", "first", "late");
        assertThat(RouteTable.inOrder(List.of(late, first, off, urgent))).containsExactly(off, urgent, first, late);
    }

    @Test
    void aDefaultRuleGetsWhatNoOtherRuleMatchedEvenOneThatContinuesOrSendsNowhere() throws IOException {
        RouteRule fallback = RouteRule.to("*", "rest").at(new Place(100, true, true));
        RouteRule north = RouteRule.to("*", "north").where(FieldCondition.equal("site", "north")).andContinue();
        assertThat(lanes(table(fallback, north), MESSAGE)).containsExactly("north");
        assertThat(lanes(table(fallback, north), "{\"site\":\"south\"}")).containsExactly("rest");
        assertThat(lanes(table(fallback, RouteRule.to("queue")), MESSAGE)).isEmpty();
        assertThat(lanes(table(fallback, RouteRule.to("other", "x")), MESSAGE)).containsExactly("rest");
    }

    @Test
    void onlyEntriesWhoseFateDependsOnFieldsAreAsked() {
        RouteTable table = table(RouteRule.to("queue", "alarm").where(FieldCondition.equal("site", "north")).andContinue(),
                RouteRule.to("queue", "numbers").onlyTypes(MessageType.METRIC).where(FieldCondition.equal("data.name", "cpu")),
                RouteRule.to("*", "archive"));
        assertThat(asked(table, "archive", "queue", MessageType.EVENT)).as("gets it anyway").isFalse();
        assertThat(asked(table, "archive", "queue", MessageType.METRIC)).isTrue();
        assertThat(asked(table, "alarm", "queue", MessageType.EVENT)).isTrue();
        assertThat(asked(table, "alarm", "other", MessageType.EVENT)).isFalse();
        assertThat(asked(table, "numbers", "queue", MessageType.SPAN)).isFalse();
        RouteTable bySource = table(RouteRule.to("*", "alarm").where(FieldCondition.matches("src", "^q")));
        assertThat(asked(bySource, "alarm", "queue", MessageType.EVENT)).as("the index knows the source").isFalse();
    }

    private static boolean asked(RouteTable table, String lane, String source, MessageType type) {
        return (table.filterFor(lane).selection(source).asked() >>> LaneFilter.bit(key(type)) & 1) == 1;
    }

    @Test
    void aMessageThatIsNoObjectIsSaid() {
        RouteTable table = table(RouteRule.to("*", "a").where(FieldCondition.equal("site", "north")));
        for (String broken : List.of("[1]", "{\"site\":", "", "{\"site\":[1", "nonsense")) {
            assertThatThrownBy(() -> lanes(table, broken)).isInstanceOf(IOException.class);
        }
    }

    /** The lane filter decides with shortcuts, the table without: they must agree. */
    @Property(tries = 2_000)
    void theFilterOfALaneAgreesWithTheTable(@ForAll("rules") List<RouteRule> rules, @ForAll("messages") String message) throws IOException {
        RouteTable table = RouteTable.of(rules);
        Set<String> lanes = RouteTable.lanes(table.matching("queue", MessageType.EVENT, Optional.of(Level.ERROR), bytes(message)));
        for (String lane : List.of("a", "b")) {
            LaneFilter filter = table.filterFor(lane);
            LaneFilter.Selection selection = filter.selection("queue");
            int key = key(MessageType.EVENT) | Level.ERROR.ordinal() + 1;
            long bit = 1L << LaneFilter.bit(key);
            boolean selected = (selection.selected() & bit) != 0
                    && ((selection.asked() & bit) == 0 || filter.isSelected(selection, key, bytes(message)));
            assertThat(selected).as("lane %s of %s for %s", lane, rules, message).isEqualTo(lanes.contains(lane));
        }
    }

    @Provide
    static Arbitrary<List<RouteRule>> rules() {
        Arbitrary<RouteRule> rule = Combinators.combine(Arbitraries.of("*", "queue", "other"), Arbitraries.subsetOf("a", "b").map(List::copyOf),
                Arbitraries.subsetOf("x", "y", "src"), Arbitraries.of(true, false), Arbitraries.integers().between(-1, 1),
                Arbitraries.of(true, false)).as((source, to, fields, continues, priority, isDefault) -> {
                    List<FieldCondition> where = new ArrayList<>();
                    fields.forEach(field -> where.add(FieldCondition.equal(field, field.equals("src") ? "queue" : "1")));
                    return new RouteRule("", new RouteMatch(source, Set.of(), Optional.empty(), where), to, continues,
                            new Place(priority, isDefault, true));
                });
        return rule.list().ofMaxSize(6);
    }

    @Provide
    static Arbitrary<String> messages() {
        return Arbitraries.of("{}", "{\"x\":1}", "{\"y\":\"1\"}", "{\"x\":1,\"y\":1}", "{\"x\":2,\"y\":1}");
    }

    private static boolean holds(FieldCondition condition) throws IOException {
        return !lanes(table(RouteRule.to("*", "lane").where(condition)), MESSAGE).isEmpty();
    }

    private static RouteTable table(RouteRule... rules) {
        return RouteTable.of(List.of(rules));
    }

    private static Set<String> lanes(RouteTable table, String message) throws IOException {
        return RouteTable.lanes(table.matching("queue", MessageType.EVENT, Optional.of(Level.ERROR), bytes(message)));
    }

    private static int key(MessageType type) {
        return type.ordinal() << 8;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
    }
}
