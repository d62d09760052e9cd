package io.monitoringhub.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page whose {@code sh} blocks are run, as CONTRIBUTING.md tells under Documents. Immutable.
 *
 * @param file the page
 * @param folder where its commands are typed, from the root of a clone
 * @param steps its commands from top to bottom
 */
record DocumentedPage(Path file, String folder, List<Step> steps) {

    private static final Pattern IS_RUN = Pattern.compile("(?m)^<!-- commands: run by DocumentedCommandsIT in (\\S+) -->$");
    private static final Pattern BLOCK = Pattern.compile("(?ms)(?:^<!-- ([^\\n]*?) -->\\n)?^```sh\\n(.*?)^```\\n(?:\\n?^```text\\n(.*?)^```$)?");
    private static final Pattern OTHERWISE = Pattern.compile("(not run|run by): .*");
    /** Maven writes some, terminal or not. */
    private static final Pattern COLOUR = Pattern.compile("\\e\\[[0-9;]*m");
    private static final String UNTIL = "run until it shows";

    /**
     * One block.
     *
     * @param line where it stands
     * @param command what is typed
     * @param expected what the page shows of the output
     * @param until whether it is run again until it shows that
     */
    record Step(int line, String command, Optional<String> expected, boolean until) {

        /** Whether output is what the page shows: {@code ...} in a line is anything in this line, blanks around it included, and alone on a line any lines. */
        boolean isShownBy(String output) {
            String lines = COLOUR.matcher(output).replaceAll("").lines().map(String::stripTrailing).collect(Collectors.joining("\n", "", "\n"));
            return expected.map(text -> pattern(text).matcher(lines).matches()).orElse(true);
        }

        private static Pattern pattern(String text) {
            return Pattern.compile(text.strip().lines().map(line -> line.strip().equals("...") ? "(?:.*\\n)*?"
                    : Arrays.stream(line.stripTrailing().split(" *\\.\\.\\. *", -1)).map(Pattern::quote).collect(Collectors.joining(".*")) + "\\n")
                    .collect(Collectors.joining()));
        }
    }

    /** Empty for a page that does not ask for it. */
    static Optional<DocumentedPage> of(Path file) throws IOException {
        String text = Files.readString(file);
        Matcher mark = IS_RUN.matcher(text);
        if (!mark.find()) {
            return Optional.empty();
        }
        List<Step> steps = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            String comment = Optional.ofNullable(block.group(1)).orElse("");
            if (!OTHERWISE.matcher(comment).matches()) {
                int line = 1 + (int) text.substring(0, block.start(2)).chars().filter(each -> each == '\n').count();
                steps.add(new Step(line, block.group(2), Optional.ofNullable(block.group(3)), comment.equals(UNTIL)));
            }
        }
        return Optional.of(new DocumentedPage(file, mark.group(1), steps));
    }

    /** The same for a hub that listens elsewhere. */
    DocumentedPage onPorts(int tcp, int http) {
        return new DocumentedPage(file, folder, steps.stream().map(step -> new Step(step.line(), onPorts(step.command(), tcp, http),
                step.expected().map(text -> onPorts(text, tcp, http)), step.until())).toList());
    }

    static String onPorts(String text, int tcp, int http) {
        return text.replaceAll("\\b17000\\b", Integer.toString(tcp)).replaceAll("\\b17001\\b", Integer.toString(http));
    }

    @Override
    public String toString() {
        return file.getParent().getFileName() + "/" + file.getFileName();
    }
}
