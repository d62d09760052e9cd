package io.monitoringhub.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Documents lead everywhere, name only what there is, and say of each command who runs it. Links are checked in {@link ModuleTest}. */
class DocumentationTest {

    private static final Reactor REACTOR = Reactor.current();
    private static final List<Path> TESTS = REACTOR.files(name -> name.contains("/src/test/java/") && name.endsWith(".java"));

    /** Pages that have another reader, with the one that says so. */
    private static final Set<String> OF_THE_TARBALL = Set.of("distribution/src/main/README.md");

    private static final String HOW_TO_MARK = """
            commands of which nobody knows whether they work. Above each ```sh block has to stand one of
                <!-- run by: NAME -->       a test class, or a file from the root, that runs them
                <!-- not run: REASON -->
            or once in the page, for all blocks without a mark, the same as  <!-- commands: run by: NAME -->  or  <!-- commands: not run: REASON -->.
            In docs, plugins and examples also  <!-- commands: run by DocumentedCommandsIT in FOLDER -->, which then runs them.
            CONTRIBUTING.md, Documents, tells more.""";

    private static final Pattern OF_THE_PAGE = Pattern.compile("(?m)^<!-- commands: (.+) -->$");
    private static final Pattern IN_FOLDER = Pattern.compile("run by DocumentedCommandsIT in \\S+");
    /** Where DocumentedCommandsIT looks for pages. */
    private static final Pattern MAY_BE_RUN = Pattern.compile("docs/[^/]+\\.md|(plugins|examples)/([^/]+/)?README\\.md");
    private static final Pattern RUN_BY = Pattern.compile("run by: (.+)");
    private static final Pattern NOT_RUN = Pattern.compile("not run: \\S.{5,}");
    private static final Pattern TEST_NAME = Pattern.compile("([A-Z]\\w*(?:Test|IT))(?:[.#](?!java$)(\\w+))?(?:\\.java)?");
    /** What looks like a file of this project: plain names below one of its folders. */
    private static final Pattern FILE_NAME = Pattern.compile(
            "(?:\\./)?((?:docs|hub-core|plugins|sdk|examples|benchmarks|protocol|conformance|distribution|scripts)(?:/[\\w.-]+)+/?)");

    @Test
    void everyPageCanBeReachedFromTheReadme() {
        Path start = REACTOR.root().resolve("README.md");
        Set<Path> reached = new TreeSet<>(Set.of(start));
        Deque<Path> open = new ArrayDeque<>(reached);
        while (!open.isEmpty()) {
            Path page = open.pop();
            for (Markdown.Link link : Markdown.read(REACTOR, page).links()) {
                Path to = page.resolveSibling(link.target().replaceFirst("#.*", "")).normalize();
                Path target = Files.isDirectory(to) ? to.resolve("README.md") : to;
                if (target.toString().endsWith(".md") && Files.exists(target) && reached.add(target)) {
                    open.push(target);
                }
            }
        }
        assertThat(pages().stream().filter(page -> !reached.contains(page)).map(REACTOR::name)).as("pages to which no link leads").isEmpty();
    }

    @Test
    void everyDecisionIsInTheTableOfTheArchitecture() {
        List<String> named = Markdown.read(REACTOR, REACTOR.root().resolve("docs/architecture.md")).links().stream().map(Markdown.Link::target)
                .filter(each -> each.startsWith("adr/")).map(each -> "docs/" + each).distinct().toList();
        assertThat(named).as("decisions that docs/architecture.md links").containsAll(
                REACTOR.files(name -> name.matches("docs/adr/.*\\.md")).stream().map(REACTOR::name).toList());
    }

    @Test
    void everyCommandSaysWhoRunsIt() {
        List<String> unknown = new ArrayList<>();
        for (Path page : pages()) {
            Markdown markdown = Markdown.read(REACTOR, page);
            boolean isSaid = isSaidOfAll(page, markdown.text());
            for (Markdown.Fence fence : markdown.fences()) {
                if (fence.language().matches("sh|bash|shell") && !isSaid(fence.comment(), isSaid)) {
                    unknown.add(markdown + ":" + fence.line() + (fence.comment().isEmpty() ? "" : " <!-- " + fence.comment() + " -->"));
                }
            }
        }
        assertThat(unknown).as(HOW_TO_MARK).isEmpty();
    }

    /** A page can say it for all of its blocks that don't say it themselves. */
    private static boolean isSaidOfAll(Path page, String text) {
        Matcher mark = OF_THE_PAGE.matcher(text);
        return mark.find() && (IN_FOLDER.matcher(mark.group(1)).matches() ? MAY_BE_RUN.matcher(REACTOR.name(page)).matches()
                : isSaid(mark.group(1), false));
    }

    private static boolean isSaid(String comment, boolean ofThePage) {
        Matcher runBy = RUN_BY.matcher(comment);
        if (runBy.matches()) {
            return Arrays.stream(runBy.group(1).split(", *")).allMatch(name -> Files.exists(REACTOR.root().resolve(name)) || isTest(name));
        }
        return NOT_RUN.matcher(comment).matches() || ofThePage;
    }

    @Test
    void testsThatAreNamedExist() {
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            for (Markdown.Link code : Markdown.read(REACTOR, page).inlineCode()) {
                Matcher name = TEST_NAME.matcher(code.target());
                if (name.matches() && !(name.group(2) == null ? isTest(name.group(1)) : isTest(name.group(1), name.group(2)))) {
                    missing.add(REACTOR.name(page) + ":" + code.line() + " " + code.target());
                }
            }
        }
        assertThat(missing).as("tests that documents name and nobody wrote").isEmpty();
    }

    private static boolean isTest(String type) {
        return !sources(type).isEmpty();
    }

    private static boolean isTest(String type, String method) {
        Pattern declared = Pattern.compile("\\bvoid " + method + "\\(");
        return sources(type).stream().anyMatch(source -> declared.matcher(Reactor.read(source)).find());
    }

    private static List<Path> sources(String type) {
        return TESTS.stream().filter(file -> file.endsWith(type + ".java")).toList();
    }

    @Test
    void filesThatAreNamedExist() {
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            for (Markdown.Link code : Markdown.read(REACTOR, page).inlineCode()) {
                Matcher name = FILE_NAME.matcher(code.target());
                if (name.matches() && !isThere(page, name.group(1))) {
                    missing.add(REACTOR.name(page) + ":" + code.line() + " " + code.target());
                }
            }
        }
        assertThat(missing).as("files that documents name and that are not there, from the root").isEmpty();
    }

    /** Here, beside the page, as something that a build makes, as a pattern, or in the folder of jars of an unpacked hub, which has the same name. */
    private static boolean isThere(Path page, String name) {
        return Files.exists(REACTOR.root().resolve(name)) || Files.exists(page.resolveSibling(name)) || name.contains("/target")
                || name.matches("benchmarks/results/?.*|docs/adr/NNNN-title\\.md|plugins/[\\w.-]+(\\.jar|\\.tmp)");
    }

    private static List<Path> pages() {
        return REACTOR.files(name -> name.endsWith(".md") && !OF_THE_TARBALL.contains(name));
    }
}
