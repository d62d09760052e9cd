package io.monitoringhub.runtime.config;

import java.util.regex.Pattern;

/**
 * Keeps secrets out of service properties. A setting named {@code password}, {@code secret} or {@code token}, or ending in one of them
 * after an underscore, becomes a property that starts with a dot: Declarative Services give such a one to the component and to nobody else.
 */
final class Secrets {

    private static final Pattern SECRET = Pattern.compile("(.*_)?(password|secret|token)");

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

    static boolean isSecret(String setting) {
        return SECRET.matcher(setting).matches();
    }
}
