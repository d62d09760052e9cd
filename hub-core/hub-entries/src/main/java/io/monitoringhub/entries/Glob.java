package io.monitoringhub.entries;

/** Matches sources against patterns of {@code *} and {@code ?} in linear space and without a regular expression's traps. */
public final class Glob {

    private Glob() {
    }

    /** Whether the whole name fits. Goes back to the latest {@code *} on a mismatch: at worst pattern length times name length. */
    public static boolean matches(String pattern, String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int resume = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = n;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
