package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How large a file of this process may be: RLIMIT_FSIZE, getrlimit(2). What is written beyond that fails as a whole. */
final class FileLimit {

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Pattern LARGEST = Pattern.compile("(?m)^Max file size +([0-9]{1,18}) ");

    private FileLimit() {
    }

    /** In bytes, as it is now; the largest number where there is none, or none is told. */
    static long bytes() {
        try {
            // ISO 8859-1: no byte of it is wrong.
            Matcher largest = LARGEST.matcher(new String(Files.readAllBytes(LIMITS), StandardCharsets.ISO_8859_1));
            return largest.find() ? Long.parseLong(largest.group(1)) : Long.MAX_VALUE;
        } catch (IOException notLinux) {
            return Long.MAX_VALUE;
        }
    }
}
