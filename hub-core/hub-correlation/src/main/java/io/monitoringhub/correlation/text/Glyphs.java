package io.monitoringhub.correlation.text;

/**
 * What lines, bars and marks are drawn with. Immutable.
 *
 * @param tee before a span that has younger siblings
 * @param corner before the last of its siblings
 * @param looseTee as {@code tee}, for a span that is here only because its real place is unknown
 * @param looseCorner as {@code corner}, likewise
 * @param pipe past the descendants of a span that has younger siblings
 * @param full a cell in which the span ran
 * @param left a cell in whose left half it ran
 * @param right a cell in whose right half it ran
 * @param open a cell in which a span ran that is still open
 * @param goesOn the end of an open span
 * @param cameFrom the end of a span whose beginning is unknown
 * @param rest a cell of a job's bar that is not done
 * @param axis between the ends of the time axis
 * @param dot between parts of the header
 * @param good before a good status
 * @param bad before a bad one
 * @param running before the status of what is not finished
 * @param atLeast before the duration of an open span
 * @param deeper before spans that are deeper than can be drawn
 */
record Glyphs(String tee, String corner, String looseTee, String looseCorner, String pipe, char full, char left, char right, char open,
        char goesOn, char cameFrom, char rest, char axis, String dot, String good, String bad, String running, String atLeast,
        String deeper) {

    static final Glyphs UNICODE = new Glyphs("├─ ", "└─ ", "├╌ ", "└╌ ", "│  ", '█', '▌', '▐', '▒', '▸', '◂', '░', '─', " · ", "✓ ", "✗ ",
            "▸ ", "≥ ", "» ");

    static final Glyphs ASCII = new Glyphs("|- ", "`- ", "|~ ", "`~ ", "|  ", '=', '=', '=', '-', '>', '<', '.', '-', ", ", "", "! ",
            "> ", ">", "> ");
}
