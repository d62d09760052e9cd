package io.monitoringhub.runtime.config;

import java.util.regex.Pattern;

/**
 * Keeps secrets out of service properties. A setting named {@code password}, {@code secret}, {@code token}, {@code secret_key}, {@code api_key}
 * or {@code private_key}, or ending in one of them after an underscore, becomes a property that starts with a dot: Declarative Services give
 * such a one to the component and to nobody else. The name decides as long as the plugin is not there to say it: so its first instance
 * finds the secret where it will always be.
 */
final class Secrets {

    private static final Pattern SECRET = Pattern.compile("(.*_)?(password|secret|token|(secret|api|private)_key)");

    private static final Pattern HIDDEN = Pattern.compile("passw|passphrase|secret|token|credential|(private|api|access)_?key", Pattern.CASE_INSENSITIVE);
    /** A person and a password in an address. */
    private static final Pattern CREDENTIALS = Pattern.compile("(://[^/@:\\s]*):[^/@\\s]+@");

    private Secrets() {
    }

    /** Of a setting of which nothing is known but its name. */
    static String propertyFor(String setting) {
        return isSecret(setting) ? property(setting) : setting;
    }

    /** Of a setting that is known to be secret. */
    static String property(String setting) {
        return "." + setting;
    }

    private static boolean isSecret(String setting) {
        return SECRET.matcher(setting).matches();
    }

    /** Tells whether the value of a key is better shown to nobody: rather once too often. */
    static boolean isHidden(String key) {
        return HIDDEN.matcher(key.substring(key.lastIndexOf('.') + 1)).find();
    }

    /** What may be told of a value. */
    static String shown(String key, String text) {
        return isHidden(key) ? "***" : CREDENTIALS.matcher(text).replaceAll("$1:***@");
    }
}
