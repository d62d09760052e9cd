package io.monitoringhub.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A line that is no message. Immutable.
 *
 * @param code what it is to be refused with
 */
record HostileLine(String code, String text) {

    private static final Path CORPUS = Path.of("src/test/resources/hostile-lines.txt");

    /** Those of the corpus, then some that are better made than stored. */
    static List<HostileLine> all() throws IOException {
        List<HostileLine> lines = new ArrayList<>();
        for (String line : Files.readAllLines(CORPUS)) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                String[] codeAndText = line.split("\t", 2);
                lines.add(new HostileLine(codeAndText[0], codeAndText[1]));
            }
        }
        lines.add(new HostileLine("too_deep", "{\"v\":1,\"src\":\"s\",\"ts\":1,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"\",\"ctx\":{\"a\":"
                + "[".repeat(30_000) + "]".repeat(30_000) + "}}}"));
        lines.add(new HostileLine("too_long", "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}"));
        lines.add(new HostileLine("too_deep", "{\"a\":" + "{\"a\":".repeat(10_000)));
        lines.add(new HostileLine("malformed", "{\"v\":" + "9".repeat(60_000)));
        return lines;
    }

    /** So much of it that a report of a failure can be read. */
    @Override
    public String toString() {
        return text.substring(0, Math.min(200, text.length()));
    }
}
