package io.monitoringhub.checks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Markdown file, read as far as the checks need it: headings, fenced blocks, tables and links.
 *
 * <p>Immutable.
 */
final class Markdown {

    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```(\\w*)[^\\n]*\\n(.*?)^ *```\\s*$");
    private static final Pattern INLINE_CODE = Pattern.compile("(`+)(?:(?!\\1).)+\\1");
    private static final Pattern LINK = Pattern.compile("\\]\\(\\s*<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\s*\\)");
    private static final Pattern REFERENCE = Pattern.compile("(?m)^ {0,3}\\[[^\\]]+\\]:\\s*<?(\\S+?)>?(?:\\s|$)");
    private static final Pattern HEADING = Pattern.compile("(?m)^(#{1,6}) +(.+?) *#*$");

    private static final Pattern COMMENT = Pattern.compile("<!-- *(.*?) *-->");

    private final String name;
    private final String text;
    /** The text with the content of fenced blocks emptied, line for line. */
    private final String prose;

    private Markdown(String name, String text) {
        this.name = name;
        this.text = text;
        prose = FENCED.matcher(text).replaceAll(block -> "\n".repeat((int) block.group().chars().filter(each -> each == '\n').count()));
    }

    static Markdown read(Reactor reactor, Path file) {
        return new Markdown(reactor.name(file), Reactor.read(file));
    }

    String text() {
        return text;
    }

    List<String> headings(int level) {
        return HEADING.matcher(prose).results().filter(each -> each.group(1).length() == level).map(each -> each.group(2)).toList();
    }

    /** What stands below a heading of level 2, without fenced blocks. */
    String section(String heading) {
        return FENCED.matcher(rawSection(heading)).replaceAll("");
    }

    /** What stands below a heading of level 2. */
    String rawSection(String heading) {
        int start = text.indexOf("\n## " + heading + "\n");
        if (start < 0) {
            return "";
        }
        int from = start + heading.length() + 5;
        int end = text.indexOf("\n## ", from);
        return text.substring(from, end < 0 ? text.length() : end);
    }

    /** The contents of all fenced blocks of a language. */
    List<String> blocks(String language) {
        return FENCED.matcher(text).results().filter(each -> each.group(1).equals(language)).map(each -> each.group(2)).toList();
    }

    /** All fenced blocks with what a comment right before them says. */
    List<Fence> fences() {
        return FENCED.matcher(text).results().map(each -> {
            String before = text.substring(0, each.start()).stripTrailing();
            Matcher comment = COMMENT.matcher(before.substring(before.lastIndexOf('\n') + 1).strip());
            return new Fence(line(text, each), each.group(1), comment.matches() ? comment.group(1) : "", each.group(2));
        }).toList();
    }

    /** What stands in back-ticks, each with its line. */
    List<Link> inlineCode() {
        return INLINE_CODE.matcher(prose).results().map(each -> new Link(1 + (int) prose.substring(0, each.start()).chars()
                .filter(letter -> letter == '\n').count(), each.group().replaceAll("^`+|`+$", "").strip())).toList();
    }

    /** The first table of a section: its rows with their cells, the head first, the ruler left out. */
    List<List<String>> rows(String heading) {
        List<List<String>> rows = new ArrayList<>();
        for (String line : section(heading).lines().toList()) {
            if (line.startsWith("|")) {
                if (!line.matches("[|\\s:-]+")) {
                    rows.add(Arrays.stream(line.substring(1).replaceAll("\\|\\s*$", "").split("(?<!\\\\)\\|", -1)).map(String::strip).toList());
                }
            } else if (!rows.isEmpty()) {
                break;
            }
        }
        return rows;
    }

    /** Where its links lead, with their lines. */
    List<Link> links() {
        List<Link> links = new ArrayList<>();
        String plain = INLINE_CODE.matcher(prose).replaceAll(code -> " ".repeat(code.group().length()));
        for (Pattern pattern : List.of(LINK, REFERENCE)) {
            pattern.matcher(plain).results().forEach(each -> links.add(new Link(line(plain, each), each.group(1))));
        }
        return links;
    }

    private static int line(String text, MatchResult match) {
        return 1 + (int) text.substring(0, match.start(1)).chars().filter(each -> each == '\n').count();
    }

    /** Tells whether a link's fragment leads to a heading, by the rule that code hosts use to make anchors. */
    boolean hasAnchor(String fragment) {
        return HEADING.matcher(prose).results().map(each -> anchor(each.group(2)))
                .anyMatch(each -> fragment.matches(Pattern.quote(each) + "(-\\d+)?"));
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT).replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1").replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * A fenced block.
     *
     * @param line where it begins
     * @param language of its content
     * @param comment the comment in the line before it; empty if there is none
     * @param content all lines of it
     */
    record Fence(int line, String language, String comment, String content) {
    }

    /**
     * Where a link leads.
     *
     * @param line where it stands
     * @param target what it says
     */
    record Link(int line, String target) {
    }
}
