package io.monitoringhub.runtime.sidecar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What became of each key of the old file. Used by one thread at a time. Never holds a value, which may be secret. */
final class ConversionReport {

    private record Line(int number, String text) {
    }

    private final List<Line> converted = new ArrayList<>();
    private final List<Line> notes = new ArrayList<>();
    private final List<Line> withoutEquivalent = new ArrayList<>();
    private final List<Line> leftOut = new ArrayList<>();

    void converted(int line, String key, String newKey) {
        converted.add(new Line(line, key + " -> " + newKey));
    }

    /** Something that is good to know; nothing is lost. */
    void note(int line, String text) {
        notes.add(new Line(line, text));
    }

    /** Something that the hub does not do. */
    void noEquivalent(int line, String key, String meaning) {
        withoutEquivalent.add(new Line(line, key + ": " + meaning));
    }

    /** A key that means nothing to the converter. */
    void leftOut(int line, String key) {
        leftOut.add(new Line(line, key));
    }

    boolean isComplete() {
        return withoutEquivalent.isEmpty() && leftOut.isEmpty();
    }

    /** What the new file does not say, one line each. */
    List<String> lost() {
        List<Line> lost = new ArrayList<>(withoutEquivalent);
        leftOut.forEach(line -> lost.add(new Line(line.number(), line.text() + ": unknown")));
        return lost.stream().sorted(Comparator.comparing(Line::number)).map(line -> "line " + line.number() + ": " + line.text()).toList();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        section(text, "Converted:", converted);
        section(text, "Good to know:", notes);
        section(text, "Has no equivalent:", withoutEquivalent);
        section(text, "Left out, because the hub does not know what it means:", leftOut);
        int lost = withoutEquivalent.size() + leftOut.size();
        return text.append(converted.size()).append(" converted, ").append(lost).append(" lost\n").toString();
    }

    private static void section(StringBuilder text, String title, List<Line> lines) {
        if (!lines.isEmpty()) {
            text.append(title).append('\n');
            lines.stream().sorted(Comparator.comparing(Line::number))
                    .forEach(line -> text.append(String.format(Locale.ROOT, "  line %-4d %s%n", line.number(), line.text())));
        }
    }
}
