package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Wrapping;
import java.io.PrintStream;
import java.util.Map;
import org.apache.felix.service.command.CommandSession;

/**
 * Where a command prints for people: lines fit the terminal at the other end; where there is none they are as long as they are.
 *
 * <p>Used by one thread at a time.
 */
final class Screen {

    /** What the shell's connection puts into the session when a terminal has announced itself: columns, and {@code colour}. */
    static final String TERMINAL = "hub.terminal";
    static final int ENDLESS = Integer.MAX_VALUE;

    private static final String GREEN = "32";
    private static final String YELLOW = "33";
    private static final String RED = "31";
    private static final Map<String, String> COLOURS = Map.of("OK", GREEN, "active", GREEN, "WAITING", YELLOW, "DEGRADED", YELLOW,
            "degraded", YELLOW, "PAUSED", YELLOW, "FAILED", RED, "refused", RED, "ORPHANED", RED, "stopped", YELLOW);

    private final PrintStream out;
    private final int width;
    private final boolean hasColour;

    Screen(PrintStream out, int width, boolean hasColour) {
        this.out = out;
        this.width = width;
        this.hasColour = hasColour;
    }

    static Screen of(CommandSession session, PrintStream out) {
        String[] words = session != null && session.get(TERMINAL) instanceof String terminal ? terminal.split(" ") : new String[] {""};
        boolean isTerminal = words[0].matches("\\d{2,4}");
        return new Screen(out, isTerminal ? Integer.parseInt(words[0]) : ENDLESS, isTerminal && words.length > 1);
    }

    int width() {
        return width;
    }

    boolean hasColour() {
        return hasColour;
    }

    /** One line, or several where it does not fit. */
    void line(String text) {
        line(text, 4);
    }

    /** The same; further lines begin with so many blanks. */
    void line(String text, int indent) {
        for (String each : text.split("\n", -1)) {
            out.println(coloured(Wrapping.wrap(each, width, indent)));
        }
    }

    /** Text that is laid out already. */
    void asIs(String text) {
        out.print(text);
    }

    void table(TextTable table) {
        table.lines(width).forEach(line -> out.println(coloured(line)));
    }

    /** The first word that is a state gets its colour; widths are counted before. */
    private String coloured(String line) {
        if (!hasColour) {
            return line;
        }
        int begin = 0;
        while (begin < line.length()) {
            int end = begin;
            while (end < line.length() && Character.isLetter(line.charAt(end))) {
                end++;
            }
            String colour = begin == 0 ? null : COLOURS.get(line.substring(begin, end));
            if (colour != null) {
                return line.substring(0, begin) + "\u001b[" + colour + "m" + line.substring(begin, end) + "\u001b[0m" + line.substring(end);
            }
            begin = end + 1;
        }
        return line;
    }
}
