package io.monitoringhub.runtime.sidecar;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Environment variables within values: {@code ${NAME}} is written {@code ${env:NAME}} now. */
final class Variables {

    private static final Pattern PLAIN = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?=[}:])");

    private Variables() {
    }

    static String converted(OldSection.Taken taken, ConversionReport report) {
        Matcher matcher = PLAIN.matcher(taken.value().text());
        String text = matcher.replaceAll(variable -> variable.group(1).equals("env") || variable.group(1).equals("file")
                ? Matcher.quoteReplacement(variable.group()) : Matcher.quoteReplacement("${env:" + variable.group(1)));
        if (!text.equals(taken.value().text())) {
            report.note(taken.value().line(), taken.key() + ": an environment variable is written ${env:NAME} now; the hub does not start"
                    + " while it is not set");
        }
        return text;
    }
}
