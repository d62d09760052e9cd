package io.monitoringhub.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordShapeTest {

    private enum Colour { DARK_RED, BLUE }

    private record Inner(@Setting(says = "How many.", standard = "3", least = "1", most = "9") int count) {
    }

    private record All(
            @Setting(says = "A name.", standard = "x") String name,
            @Setting(says = "A long.", standard = "5000000000") long big,
            @Setting(says = "A flag.", standard = "true", key = "continue") boolean goesOn,
            @Setting(says = "A size.", standard = "1KB", least = "1KB", most = "1MB") DataSize maxSize,
            @Setting(says = "A time.") Optional<Duration> linger,
            @Setting(says = "A folder.", standard = "data/x") Path path,
            @Setting(says = "A word.", standard = "blue") Colour colour,
            @Setting(says = "Words.") List<Colour> colours,
            @Setting(says = "A section.") Inner inner,
            @Setting(says = "Sections by name.") Map<String, Inner> named,
            @Setting(says = "Sections in a row.") List<Inner> rows,
            @Setting(says = "Hidden.", secret = true, required = true) Optional<String> code) {
    }

    private final RecordShape<All> all = RecordShape.of(All.class);

    @Test
    void whatNobodySaysHasItsDefault() {
        All read = all.read("");
        assertThat(read).isEqualTo(new All("x", 5_000_000_000L, true, new DataSize(1024), Optional.empty(), Path.of("data/x"), Colour.BLUE,
                List.of(), new Inner(3), Map.of(), List.of(), Optional.empty()));
    }

    @Test
    void whatIsSaidHolds() {
        All read = all.read(Map.of("name", 17, "continue", "false", "max_size", "2KB", "linger", "20ms", "colour", "dark_red",
                "colours", List.of("blue", "dark_red"), "inner", Map.of("count", "4"), "named", Map.of("a", Map.of("count", 5), "b", ""),
                "rows", Map.of("count", 6), "code", "s"));
        assertThat(read).isEqualTo(new All("17", 5_000_000_000L, false, new DataSize(2048), Optional.of(Duration.ofMillis(20)), Path.of("data/x"),
                Colour.DARK_RED, List.of(Colour.BLUE, Colour.DARK_RED), new Inner(4), Map.of("a", new Inner(5), "b", new Inner(3)),
                List.of(new Inner(6)), Optional.of("s")));
    }

    @Test
    void everythingWrongIsNamedWithWhatWasExpectedAndReadAsTheDefault() {
        Map<String, Object> wrong = Map.of("naem", 1, "big", "1.5", "continue", "yes", "max_size", "2MB", "colour", "green", "colours",
                List.of("blue", "pink"), "inner", Map.of("count", 10), "named", Map.of("a", Map.of("cuont", 1)), "rows",
                List.of(Map.of(), Map.of("count", List.of(1))), "path", Map.of("a", 1));
        List<String> problems = problems(wrong);
        assertThat(problems).containsExactlyInAnyOrder(
                "naem: there is no such key. Did you mean 'name'?",
                "big: expected a number, not '1.5'",
                "continue: expected true or false, not 'yes'",
                "max_size: expected a size such as 512MB or 10GB from 1KB to 1MB, not '2MB'",
                "colour: expected one of dark_red, blue, not 'green'",
                "colours: expected some of dark_red, blue, not 'pink'",
                "inner.count: expected a number from 1 to 9, not '10'",
                "named.a.cuont: there is no such key. Did you mean 'count'?",
                "rows[1].count: expected a number from 1 to 9, not a list",
                "path: expected text, not settings",
                "code: is missing: expected text. Hidden.");
        assertThat(all.read(wrong)).isEqualTo(all.read(Map.of("named", Map.of("a", ""), "rows", List.of(Map.of(), Map.of()))));
    }

    @Test
    void anIntTakesNoMoreThanAnIntHolds() {
        record Unlimited(@Setting(says = "A number.", standard = "1") int number) {
        }
        List<String> problems = new ArrayList<>();
        new ShapeCheck(problems::add).check("", Map.of("number", 3_000_000_000L), RecordShape.of(Unlimited.class).shape());
        assertThat(problems).containsExactly("number: expected a number of at most 2147483647, not '3000000000'");
    }

    @Test
    void aSecretIsNotInTheProblem() {
        record Hidden(@Setting(says = "A code.", standard = "1", secret = true) int code) {
        }
        List<String> problems = new ArrayList<>();
        new ShapeCheck(problems::add).check("a", Map.of("code", "hunter2"), RecordShape.of(Hidden.class).shape());
        assertThat(problems).singleElement().asString().startsWith("a.code: expected a number").doesNotContain("hunter2");
    }

    @Test
    void aComponentThatSaysNothingIsAFaultOfTheHub() {
        record Silent(String word) {
        }
        assertThatThrownBy(() -> RecordShape.of(Silent.class).shape()).hasMessageContaining("@Setting");
    }

    @Test
    void aDateIsTextAsItWasWritten() {
        assertThat(Values.text(new Date(0))).isEqualTo("1970-01-01T00:00:00Z");
    }

    private List<String> problems(Map<String, Object> settings) {
        List<String> problems = new ArrayList<>();
        new ShapeCheck(problems::add).check("", settings, all.shape());
        return problems;
    }
}
