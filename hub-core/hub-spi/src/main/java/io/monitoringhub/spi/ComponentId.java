package io.monitoringhub.spi;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The one identity of a configured plugin instance, the same in configuration, logs, health, metrics, thread names and cursors.
 *
 * <p>Immutable.
 *
 * @param kind what the plugin is for
 * @param type its type as in {@code hub.yaml}, such as {@code filesystem}: a lower-case letter, then up to 30 lower-case letters or digits
 * @param name the instance's name as in {@code hub.yaml}, such as {@code archive}: up to 63 lower-case letters, digits, {@code _} and {@code -}
 */
public record ComponentId(Kind kind, String type, String name) {

    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9]{0,30}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    /** @throws IllegalArgumentException when type or name is not of the stated form */
    public ComponentId {
        Objects.requireNonNull(kind, "kind");
        if (!isType(type)) {
            throw new IllegalArgumentException("'" + type + "' is no plugin type: expected a lower-case letter, then up to 30"
                    + " lower-case letters or digits, such as 'filesystem'");
        }
        if (!isName(name)) {
            throw new IllegalArgumentException("'" + name + "' is no instance name: expected up to 63 lower-case letters, digits,"
                    + " '_' or '-', such as 'archive-eu'");
        }
    }

    /** Tells whether {@code text} can be a plugin type. */
    public static boolean isType(String text) {
        return text != null && TYPE.matcher(text).matches();
    }

    /** Tells whether {@code text} can be an instance name. */
    public static boolean isName(String text) {
        return text != null && NAME.matcher(text).matches();
    }

    /** The factory PID of the type: {@code hub.backend.filesystem}. */
    public String factoryPid() {
        return "hub." + kind.word() + "." + type;
    }

    /** The PID of the instance: {@code hub.backend.filesystem~archive}. */
    public String pid() {
        return factoryPid() + "~" + name;
    }

    /** What the instance's threads are called: {@code hub-backend-filesystem-archive}. */
    public String threadName() {
        return "hub-" + kind.word() + "-" + type + "-" + name;
    }

    /** The form for people: {@code backend:filesystem/archive}. */
    @Override
    public String toString() {
        return kind.word() + ":" + type + "/" + name;
    }
}
