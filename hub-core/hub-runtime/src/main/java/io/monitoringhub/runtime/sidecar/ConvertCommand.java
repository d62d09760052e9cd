package io.monitoringhub.runtime.sidecar;

import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * {@code hub convert OLD [-o NEW] [--force]}: writes a {@code hub.yaml} from a file of the older sidecar, YAML or JSON, and says what
 * became of each key. Without {@code -o} the file goes to standard output and the report to standard error.
 *
 * <p>Immutable.
 */
public final class ConvertCommand {

    /** All of the old file is in the new one. */
    static final int COMPLETE = 0;
    /** The new file is written, but does not say all that the old one said. */
    static final int INCOMPLETE = 1;
    static final int USAGE = 64;
    /** The old file is no YAML, or not in the older layout. */
    static final int BAD_INPUT = 65;
    static final int NO_INPUT = 66;
    /** The new file exists already, or can't be written. */
    static final int CANNOT_CREATE = 73;

    private static final String HOW = "usage: hub convert OLD [-o NEW] [--force]";
    private static final int MOST_BYTES = 4 << 20;

    private final PrintStream out;
    private final PrintStream err;

    ConvertCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** What {@code bin/hub} calls. */
    public static void main(String[] arguments) {
        System.exit(new ConvertCommand(System.out, System.err).run(List.of(arguments)));
    }

    int run(List<String> arguments) {
        String from = null;
        String to = null;
        boolean isForced = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("-o") && i + 1 < arguments.size() && to == null) {
                to = arguments.get(++i);
            } else if (argument.equals("--force")) {
                isForced = true;
            } else if (!argument.startsWith("-") && from == null) {
                from = argument;
            } else {
                return fail(USAGE, HOW);
            }
        }
        return from == null ? fail(USAGE, HOW) : convert(Path.of(from), Optional.ofNullable(to).map(Path::of), isForced);
    }

    private int convert(Path from, Optional<Path> to, boolean isForced) {
        String text;
        try {
            if (Files.size(from) > MOST_BYTES) {
                return fail(BAD_INPUT, from + " has more than " + MOST_BYTES + " bytes: that is no configuration file");
            }
            text = Files.readString(from);
        } catch (CharacterCodingException notText) {
            return fail(BAD_INPUT, from + " is no text in UTF-8");
        } catch (IOException unreadable) {
            return fail(NO_INPUT, "cannot read " + from + " (" + unreadable + ")");
        }
        OldValue old;
        try {
            old = parse(text);
        } catch (YAMLException malformed) {
            return fail(BAD_INPUT, from + " is neither YAML nor JSON: " + malformed.getMessage().strip().replace("\n", "\n    "));
        }
        if (!Conversion.isOld(old)) {
            return fail(BAD_INPUT, from + " is not in the older layout, which has sections " + Conversion.sections()
                    + " and a 'config' for each backend. If it is a hub.yaml, use it as it is");
        }
        Conversion conversion = new Conversion();
        NewFile file = conversion.convert(old);
        String yaml = file.text(from.getFileName().toString(), conversion.report().lost());
        return write(yaml, conversion.report(), from, to, isForced);
    }

    private static OldValue parse(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MOST_BYTES);
        Node root = new Yaml(options).compose(new StringReader(text));
        if (root == null) {
            throw new YAMLException("it is empty");
        }
        return OldValue.of(root);
    }

    private int write(String yaml, ConversionReport report, Path from, Optional<Path> to, boolean isForced) {
        if (to.isEmpty()) {
            out.print(yaml);
            err.print(report.text());
            return report.isComplete() ? COMPLETE : INCOMPLETE;
        }
        Path target = to.get();
        if (Files.exists(target) && !isForced) {
            return fail(CANNOT_CREATE, target + " exists already: name another file, or write over it with --force");
        }
        try {
            create(target);
            Files.writeString(target, yaml, StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException failure) {
            return fail(CANNOT_CREATE, "cannot write " + target + " (" + failure + ")");
        }
        out.println(from + " -> " + target);
        out.print(report.text());
        return report.isComplete() ? COMPLETE : INCOMPLETE;
    }

    /** For its owner only: what comes in can be secret. One that exists keeps its permissions. */
    private static void create(Path target) throws IOException {
        if (!Files.exists(target)) {
            Files.newByteChannel(target, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))).close();
        }
    }

    private int fail(int code, String why) {
        err.println("hub: " + why);
        return code;
    }
}
