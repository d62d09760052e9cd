package io.monitoringhub.command;

/** Breaks lines between words. Has no state. */
public final class Wrapping {

    private Wrapping() {
    }

    /**
     * Breaks one line so that it fits; what has no blank is cut. Blanks at the beginning stay.
     *
     * @param width how many characters
     * @param indent with how many blanks further lines begin
     */
    public static String wrap(String line, int width, int indent) {
        StringBuilder wrapped = new StringBuilder();
        String rest = line;
        while (rest.length() > width) {
            int begin = rest.length() - rest.stripLeading().length();
            int blank = rest.lastIndexOf(' ', width);
            int end = blank > Math.max(begin, indent) ? blank : width;
            wrapped.append(rest, 0, end).append('\n');
            rest = " ".repeat(Math.min(indent, width / 2)) + rest.substring(end).stripLeading();
        }
        return wrapped.append(rest).toString();
    }
}
