package io.monitoringhub.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every bug class in docs/bug-classes.md names tests, and the tests are there. */
class BugClassesTest {

    private static final Reactor REACTOR = Reactor.current();
    private static final int CLASSES = 18;
    private static final Pattern METHOD = Pattern.compile("`([\\w.]+)#(\\w+)`");

    @Test
    void everyRowNamesTestsThatAreThere() {
        List<List<String>> rows = Markdown.read(REACTOR, REACTOR.root().resolve("docs/bug-classes.md")).rows("The table");
        assertThat(rows).isNotEmpty();
        assertThat(rows.stream().skip(1).map(row -> row.get(0))).as("numbers").containsExactlyElementsOf(
                IntStream.rangeClosed(1, CLASSES).mapToObj(Integer::toString).toList());
        List<String> missing = new ArrayList<>();
        for (List<String> row : rows.subList(1, rows.size())) {
            List<MatchResult> named = METHOD.matcher(row.get(2)).results().toList();
            assertThat(named).as("tests of number %s", row.get(0)).isNotEmpty();
            named.stream().filter(each -> !isTest(each.group(1), each.group(2))).forEach(each -> missing.add(each.group()));
        }
        assertThat(missing).as("tests that docs/bug-classes.md names and nobody wrote").isEmpty();
    }

    private static boolean isTest(String type, String method) {
        List<Path> sources = REACTOR.files(name -> name.endsWith("/src/test/java/" + type.replace('.', '/') + ".java"));
        Pattern declared = Pattern.compile("(?s)@(Test|ParameterizedTest|Property)\\b((?!\\bvoid\\b).)*\\bvoid " + method + "\\(");
        return sources.stream().anyMatch(source -> declared.matcher(Reactor.read(source)).find());
    }
}
