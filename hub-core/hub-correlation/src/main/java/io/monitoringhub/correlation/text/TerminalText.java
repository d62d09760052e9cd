package io.monitoringhub.correlation.text;

/**
 * Text made safe and measurable for a terminal: what an application sends must neither move the cursor nor break the columns.
 *
 * <p>Immutable.
 */
public final class TerminalText {

    private final boolean ascii;

    /** @param ascii whether only ASCII may come out */
    public TerminalText(boolean ascii) {
        this.ascii = ascii;
    }

    /** The text without what controls a terminal or changes the direction of writing. */
    public String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(character -> clean.appendCodePoint(isPlain(character) ? character : '?'));
        return clean.toString();
    }

    /** Whether the character neither controls a terminal nor changes the direction of writing. */
    public boolean isPlain(int character) {
        if (character < 0x7F) {
            return character >= ' ';
        }
        if (ascii) {
            return false;
        }
        int type = Character.getType(character);
        return type != Character.CONTROL && type != Character.FORMAT && type != Character.SURROGATE && type != Character.UNASSIGNED
                && type != Character.PRIVATE_USE && type != Character.LINE_SEPARATOR && type != Character.PARAGRAPH_SEPARATOR;
    }

    /** Exactly so many columns: filled with blanks, or cut with a mark. */
    public String fit(String text, int columns) {
        int used = columns(text);
        if (used <= columns) {
            return text + " ".repeat(columns - used);
        }
        String mark = ascii ? "~" : "…";
        StringBuilder cut = new StringBuilder();
        int width = 0;
        int at = 0;
        while (at < text.length()) {
            int character = text.codePointAt(at);
            if (width + columns(character) > columns - 1) {
                break;
            }
            width += columns(character);
            cut.appendCodePoint(character);
            at += Character.charCount(character);
        }
        return columns < 1 ? "" : cut.append(mark).append(" ".repeat(columns - 1 - width)).toString();
    }

    /** Blanks, then the text. */
    String right(String text, int columns) {
        return " ".repeat(Math.max(0, columns - columns(text))) + text;
    }

    /** How many columns the text takes. */
    public static int columns(String text) {
        return text.codePoints().map(TerminalText::columns).sum();
    }

    private static int columns(int character) {
        if (character < 0x300) {
            return 1;
        }
        int type = Character.getType(character);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        return isWide(character) ? 2 : 1;
    }

    private static boolean isWide(int character) {
        return character >= 0x1100 && character <= 0x115F
                || character >= 0x2E80 && character <= 0xA4CF && character != 0x303F
                || character >= 0xAC00 && character <= 0xD7A3
                || character >= 0xF900 && character <= 0xFAFF
                || character >= 0xFE30 && character <= 0xFE6F
                || character >= 0xFF00 && character <= 0xFF60
                || character >= 0xFFE0 && character <= 0xFFE6
                || character >= 0x1F300 && character <= 0x1FAFF
                || character >= 0x20000 && character <= 0x3FFFD;
    }
}
