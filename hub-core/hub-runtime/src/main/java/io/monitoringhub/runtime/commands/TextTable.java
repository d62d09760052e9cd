package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Wrapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Rows and columns. Where they don't fit, columns are left out, the most dispensable first; then long words of the first column are
 * shortened in the middle. The last column may be of any length: it goes on below, indented.
 *
 * <p>Used by one thread at a time.
 */
final class TextTable {

    /** A column that stays whatever happens. */
    static final int STAYS = 0;

    private static final int GAP = 1;
    private static final int LEAST_NAME = 12;
    private static final int LEAST_REST = 20;
    private static final int INDENT = 4;

    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** @param dispensable the highest goes first */
    private record Column(String title, int dispensable) {
    }

    TextTable column(String title) {
        return column(title, STAYS);
    }

    TextTable column(String title, int dispensable) {
        columns.add(new Column(title, dispensable));
        return this;
    }

    /** One cell a column. */
    TextTable row(Object... cells) {
        rows.add(Arrays.stream(cells).map(String::valueOf).toList());
        return this;
    }

    List<String> lines(int width) {
        List<Integer> shown = new ArrayList<>(IntStream.range(0, columns.size()).boxed().toList());
        while (fixed(shown) + rest(shown) > width) {
            Optional<Integer> leaving = shown.stream().filter(each -> columns.get(each).dispensable() != STAYS)
                    .max(Comparator.comparingInt(each -> columns.get(each).dispensable()));
            if (leaving.isEmpty()) {
                break;
            }
            shown.remove(leaving.get());
        }
        int first = width(shown.get(0));
        int tooMuch = fixed(shown) + Math.min(rest(shown), LEAST_REST) - width;
        int name = tooMuch > 0 ? Math.max(LEAST_NAME, first - tooMuch) : first;
        List<String> lines = new ArrayList<>();
        lines.add(line(shown, columns.stream().map(Column::title).toList(), name).stripTrailing());
        rows.forEach(row -> lines.addAll(Wrapping.wrap(line(shown, row, Math.min(first, name)).stripTrailing(), width, INDENT).lines().toList()));
        return lines;
    }

    private String line(List<Integer> shown, List<String> cells, int name) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < shown.size(); i++) {
            String cell = cells.get(shown.get(i));
            int width = i == 0 ? name : width(shown.get(i));
            boolean isLast = i == shown.size() - 1;
            String fitting = i == 0 ? shortened(cell, name) : cell;
            line.append(fitting);
            if (!isLast) {
                line.append(" ".repeat(Math.max(0, width - fitting.length()) + GAP));
            }
        }
        return line.toString();
    }

    /** What stands before the last column. */
    private int fixed(List<Integer> shown) {
        return shown.subList(0, shown.size() - 1).stream().mapToInt(each -> width(each) + GAP).sum();
    }

    /** What the last column wants at least: it can go on below. */
    private int rest(List<Integer> shown) {
        return Math.min(width(shown.get(shown.size() - 1)), LEAST_REST);
    }

    private int width(int column) {
        return Math.max(columns.get(column).title().length(), rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }

    /** Beginning and end tell names apart. */
    static String shortened(String text, int width) {
        if (text.length() <= width) {
            return text;
        }
        int head = (width - 1) / 2;
        return text.substring(0, head) + "…" + text.substring(text.length() - (width - 1 - head));
    }
}
