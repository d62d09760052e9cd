package io.monitoringhub.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The commands in the {@code console} blocks of a page, each with what it should print. Immutable.
 *
 * @param steps in the order of the page
 */
record WalkThroughPage(List<Step> steps) {

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```console\\n(.*?)^```$");
    private static final Pattern COMMAND = Pattern.compile("(\\$|hub>) (.+)");
    private static final Pattern SPECIAL = Pattern.compile("\\.\\.\\.|<ID>| +");

    /**
     * One command. Immutable.
     *
     * @param isShell whether it is for the hub's shell
     * @param text with {@code <ID>} where the number of a bundle is meant
     * @param output lines that are expected
     */
    record Step(boolean isShell, String text, List<String> output) {

        /** Whether it only asks, so that it can be asked again until things have happened. */
        boolean asks() {
            return isShell && text.matches("(lb|hub:).*");
        }

        /** What the whole output has to match. The first group, where there is one, is the number of a bundle. */
        Pattern expected(String home) {
            StringBuilder all = new StringBuilder();
            boolean hasGroup = false;
            for (String line : output) {
                if (line.equals("...")) {
                    all.append("(?:.*\\n)*");
                    continue;
                }
                String real = line.replace("/opt/monitoring-hub", home);
                Matcher special = SPECIAL.matcher(real);
                int end = 0;
                while (special.find()) {
                    all.append(Pattern.quote(real.substring(end, special.start())));
                    end = special.end();
                    switch (special.group()) {
                        case "..." -> all.append(".*");
                        case "<ID>" -> {
                            all.append(hasGroup ? "\\d+" : "(\\d+)");
                            hasGroup = true;
                        }
                        default -> all.append(" +");
                    }
                }
                all.append(Pattern.quote(real.substring(end))).append(" *\\n");
            }
            return Pattern.compile(all.append("\\s*").toString());
        }
    }

    static WalkThroughPage read(Path page) throws IOException {
        List<Step> steps = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(Files.readString(page)); block.find();) {
            List<String> output = new ArrayList<>();
            for (String line : block.group(1).lines().toList()) {
                Matcher command = COMMAND.matcher(line);
                if (command.matches()) {
                    output = new ArrayList<>();
                    steps.add(new Step(command.group(1).equals("hub>"), command.group(2), output));
                } else {
                    output.add(line);
                }
            }
        }
        return new WalkThroughPage(steps);
    }
}
