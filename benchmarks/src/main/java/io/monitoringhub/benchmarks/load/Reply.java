package io.monitoringhub.benchmarks.load;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One line from the hub to the client of an acknowledged session. Immutable. */
sealed interface Reply {
    /** The session is open; lines up to {@code acked} are known to the hub. */
    record Welcome(long acked) implements Reply { }

    /** Lines up to {@code number} are on disk. */
    record Ack(long number) implements Reply { }

    /** A line was refused; {@code number} is 0 if the hub named none. */
    record Refusal(long number, String text) implements Reply { }

    /** Anything else; ignored, as the protocol wants of unknown types. */
    record Other(String text) implements Reply { }

    /** Reads a line. Replies are rare and small, so this may be slow. */
    static Reply parse(String line) {
        return switch (Fields.text(line, Fields.TYPE)) {
            case "welcome" -> new Welcome(Fields.number(line, Fields.ACKED));
            case "ack" -> new Ack(Fields.number(line, Fields.SEQ));
            case "error" -> new Refusal(Fields.number(line, Fields.SEQ), line);
            default -> new Other(line);
        };
    }

    /** Where the fields stand in a reply. */
    final class Fields {
        private static final Pattern TYPE = Pattern.compile("\"type\"\\s*:\\s*\"(\\w+)\"");
        private static final Pattern SEQ = Pattern.compile("\"seq\"\\s*:\\s*(\\d{1,18})");
        private static final Pattern ACKED = Pattern.compile("\"acked\"\\s*:\\s*(\\d{1,18})");

        private Fields() {
        }

        private static String text(String line, Pattern field) {
            Matcher found = field.matcher(line);
            return found.find() ? found.group(1) : "";
        }

        private static long number(String line, Pattern field) {
            String digits = text(line, field);
            return digits.isEmpty() ? 0 : Long.parseLong(digits);
        }
    }
}
