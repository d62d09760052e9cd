package io.monitoringhub.sdk.internal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How large a file of this process may be: RLIMIT_FSIZE, getrlimit(2). What is written beyond that fails as a whole. */
final class FileLimit {

    private static final Pattern LARGEST = Pattern.compile("(?m)^Max file size +([0-9]{1,18}) ");

    private FileLimit() {
    }

    /** In bytes, as it is now; the largest number where there is none, or none is told. */
    static long bytes() {
        Matcher largest = LARGEST.matcher(ProcFile.text("/proc/self/limits"));
        return largest.find() ? Long.parseLong(largest.group(1)) : Long.MAX_VALUE;
    }
}
